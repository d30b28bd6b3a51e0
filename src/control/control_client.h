/* control_client.h - a command asks the run that holds the ledger. */
#ifndef MB_CONTROL_CONTROL_CLIENT_H
#define MB_CONTROL_CONTROL_CLIENT_H

#include "control/control_request.h"

/* Waits for the answer. ERR_NOT_FOUND: nobody listens, or it ended before it answered. */
MUST_CHECK int control_ask(const char *directory, const struct control_request *r,
                           struct control_answer *a, struct error *e);

#endif
