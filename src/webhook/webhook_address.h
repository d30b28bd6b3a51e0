/* webhook_address.h - webhook.listen, read; http.listen likewise. */
#ifndef MB_WEBHOOK_WEBHOOK_ADDRESS_H
#define MB_WEBHOOK_WEBHOOK_ADDRESS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { WEBHOOK_HOST_MAX = 256 };

struct webhook_address {
    char host[WEBHOOK_HOST_MAX]; /* "::" or "0.0.0.0" where every address is meant */
    uint16_t port;
    bool loopback; /* nobody but this machine reaches it */
};

/* "host:port", "[v6]:port", ":port", "port". 0, or ERR_USAGE and a sentence that begins with
 * OPTION, its name. Looks a name up, as the system does. */
MUST_CHECK int webhook_address_parse(struct webhook_address *out, const char *option,
                                     const char *listen, struct error *e);

#endif
