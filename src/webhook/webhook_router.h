/* webhook_router.h - one webhook receiver for all the batches of a process.
 *
 *   webhook_router_open(&router, loop, &options, &e);     listens; while there is no route, what
 *                                                         comes is refused (503: Mindee comes again)
 *   webhook_router_expect(router, 2, waits, ctx);         or waits for one, if some are to come
 *   webhook_router_join(router, &route);                  a batch that is open
 *   webhook_router_leave(&route);
 *   webhook_router_close(router, grace_ms, closed, ctx);  when all have left
 *
 * A delivery is offered to each route, in the order they came; the first to know its job or its
 * alias has it. What none of them knows is for the first one to keep. While a route can't tell (its
 * ledger can't be written for now) a delivery that nobody else knows may be its: it is refused, and
 * comes again. While one that is expected is absent, or not ready, such a delivery is held, and
 * WAITS called; what becomes of it is decided when whoever was called offers it again. */
#ifndef MB_WEBHOOK_WEBHOOK_ROUTER_H
#define MB_WEBHOOK_WEBHOOK_ROUTER_H

#include "base/list.h"
#include "mindee.h"
#include "webhook/webhook_receiver.h"

enum route_answer {
    ROUTE_UNKNOWN, /* not of this batch */
    ROUTE_TAKEN,   /* the batch replies to the delivery */
    ROUTE_REFUSED, /* it can't be told, or not be kept */
    ROUTE_LATER,   /* it can be told in a moment: as if the route were absent */
};

struct webhook_router;

struct webhook_route {
    /* W is NULL if the body couldn't be read. STRANGER: nobody knows it; keep it.
     * BODY lives until the reply. */
    enum route_answer (*offer)(void *ctx, struct webhook_delivery *d,
                               const struct mindee_webhook *w, const char *body, size_t len,
                               bool stranger);
    void *ctx;
    struct list node; /* the router's */
};

/* Listens as OPTIONS say; its `delivered` and `ctx` are the router's. Errors as
 * webhook_receiver_new's. */
MUST_CHECK int webhook_router_open(struct webhook_router **out, struct loop *loop,
                                   const struct webhook_receiver_options *options, struct error *e);
/* How many routes there are in all, here or not. WAITS is called from a delivery's callback, where
 * no route may join or leave. */
void webhook_router_expect(struct webhook_router *router, size_t routes, void (*waits)(void *ctx),
                           void *ctx);
bool webhook_router_waits(const struct webhook_router *router); /* a delivery is held */
/* Offers what is held to those who are there now. What still waits for an absent one stays held if
 * HOLD, and is refused if not. */
void webhook_router_offer_again(struct webhook_router *router, bool hold);
void webhook_router_join(struct webhook_router *router, struct webhook_route *route);
void webhook_router_leave(struct webhook_route *route);
bool webhook_router_reload(struct webhook_router *router); /* certificate and secrets */
/* As webhook_receiver_certificate. */
const char *webhook_router_certificate(const struct webhook_router *router, struct wall *ends);
void webhook_router_counts(const struct webhook_router *router,
                           struct webhook_receiver_counts *out);
/* REQUIREs that every route has left; what is held is refused. CLOSED may be NULL. */
void webhook_router_close(struct webhook_router *router, int64_t grace_ms,
                          void (*closed)(void *ctx), void *ctx);

#endif
