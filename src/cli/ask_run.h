/* ask_run.h - a command hands over to the run that has the ledger. */
#ifndef MB_CLI_ASK_RUN_H
#define MB_CLI_ASK_RUN_H

#include "batch/options.h"
#include "control/control_request.h"

/* A run that begins or ends has the ledger, and can't be asked: it is waited for so long. */
enum { ASK_RUN_TRIES = 40, ASK_RUN_PAUSE_US = 200 * 1000 };

/* Asks the run that has O's ledger, and tells what it says. The exit code, or -1: it
 * can't be asked for now. */
int ask_run(const struct control_request *r, const struct batch_options *o);
/* Nobody could be asked all the time; BUSY: who has the ledger. The exit code. */
int ask_run_in_vain(const char *busy);

#endif
