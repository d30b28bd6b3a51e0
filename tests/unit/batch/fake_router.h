/* fake_router.h - stands in for webhook/webhook_router.h and for the reply to a delivery: nothing
 * listens, and the test offers what came. A line (record.h) each:
 *
 *   open_router PATH     join_router    leave_router    reload_router
 *   close_router grace=2000
 *   reply 7 200          the delivery's number, the status */
#ifndef MB_TESTS_BATCH_FAKE_ROUTER_H
#define MB_TESTS_BATCH_FAKE_ROUTER_H

#include "webhook/webhook_router.h"

struct webhook_delivery {
    int number;
};

struct webhook_router {
    struct webhook_route *route; /* the one that has joined; NULL: none */
    struct webhook_receiver_counts counts;
    void (*closed)(void *ctx); /* once it is being closed */
    void *closed_ctx;
};

struct webhook_router *fake_router_new(void);
extern struct webhook_router *fake_router; /* the newest made */
extern const char *fake_router_open_fails; /* with these words; NULL: it goes well */
/* It has closed by now, and is freed. */
void fake_router_closed(void);

#endif
