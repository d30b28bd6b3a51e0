/* See webhook_router.h. A delivery is read here, and its reading lent to the routes. */
#include "webhook/webhook_router.h"
#include "base/log.h"

#include <stdlib.h>

struct webhook_router {
    struct webhook_receiver *receiver;
    struct list routes; /* struct webhook_route */
    size_t expected;    /* routes of which each may be absent for a while */
    void (*waits)(void *ctx);
    void *waits_ctx;
    struct list held; /* struct held, oldest first */
};

/* A delivery that may be an absent route's. Its body is the receiver's, until the reply. */
struct held {
    struct list node;
    struct webhook_delivery *delivery;
    const char *body;
    size_t len;
};

static bool somebody_is_absent(const struct webhook_router *router)
{
    size_t here = 0;
    LIST_EACH (node, &router->routes)
        here++;
    return here < router->expected;
}

static enum route_answer offer_to_all(struct webhook_router *router, struct webhook_delivery *d,
                                      const struct mindee_webhook *w, const char *body, size_t len)
{
    bool refused = false, later = somebody_is_absent(router);
    LIST_EACH (node, &router->routes) {
        struct webhook_route *route = LIST_ENTRY(node, struct webhook_route, node);
        enum route_answer a = route->offer(route->ctx, d, w, body, len, false);
        if (a == ROUTE_TAKEN)
            return a;
        refused = refused || a == ROUTE_REFUSED;
        later = later || a == ROUTE_LATER;
    }
    struct list *first = list_first(&router->routes);
    if (later || refused || !first)
        return later ? ROUTE_LATER : ROUTE_REFUSED;
    struct webhook_route *route = LIST_ENTRY(first, struct webhook_route, node);
    return route->offer(route->ctx, d, w, body, len, true);
}

/* Read anew each time: a reading doesn't outlive the callback. */
static enum route_answer offer(struct webhook_router *router, struct webhook_delivery *d,
                               const char *body, size_t len)
{
    struct mindee_webhook w;
    struct mindee_webhook_text *owner = NULL;
    bool readable = mindee_webhook_parse(body, len, &w, &owner) == 0;
    enum route_answer answer = offer_to_all(router, d, readable ? &w : NULL, body, len);
    mindee_webhook_free(owner);
    return answer;
}

static void delivered_cb(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    struct webhook_router *router = ctx;
    enum route_answer answer = offer(router, d, body, len);
    if (answer == ROUTE_TAKEN)
        return;
    if (answer != ROUTE_LATER || !router->waits) {
        webhook_delivery_reply(d, 503);
        return;
    }
    struct held *h = xcalloc(1, sizeof *h);
    *h = (struct held){.delivery = d, .body = body, .len = len};
    list_push_back(&router->held, &h->node);
    router->waits(router->waits_ctx);
}

bool webhook_router_waits(const struct webhook_router *router)
{
    return !list_empty(&router->held);
}

void webhook_router_offer_again(struct webhook_router *router, bool hold)
{
    LIST_EACH_SAFE (node, &router->held) {
        struct held *h = LIST_ENTRY(node, struct held, node);
        enum route_answer answer = offer(router, h->delivery, h->body, h->len);
        if (answer == ROUTE_LATER && hold)
            continue;
        if (answer != ROUTE_TAKEN)
            webhook_delivery_reply(h->delivery, 503);
        list_remove(&h->node);
        free(h);
    }
}

int webhook_router_open(struct webhook_router **out, struct loop *loop,
                        const struct webhook_receiver_options *options, struct error *e)
{
    struct webhook_router *router = xcalloc(1, sizeof *router);
    struct webhook_receiver_options ro = *options;
    ro.delivered = delivered_cb;
    ro.ctx = router;
    list_init(&router->routes);
    list_init(&router->held);
    int rc = webhook_receiver_new(&router->receiver, loop, &ro, e);
    if (rc < 0) {
        free(router);
        return rc;
    }
    LOG(LOG_INFO, "webhook.listening", LOG_STR("listen", options->listen),
        LOG_INT("port", webhook_receiver_port(router->receiver)));
    *out = router;
    return 0;
}

void webhook_router_expect(struct webhook_router *router, size_t routes, void (*waits)(void *ctx),
                           void *ctx)
{
    router->expected = routes;
    router->waits = waits;
    router->waits_ctx = ctx;
}

void webhook_router_join(struct webhook_router *router, struct webhook_route *route)
{
    list_push_back(&router->routes, &route->node);
}

void webhook_router_leave(struct webhook_route *route)
{
    list_remove(&route->node);
}

bool webhook_router_reload(struct webhook_router *router)
{
    return webhook_receiver_reload(router->receiver);
}

const char *webhook_router_certificate(const struct webhook_router *router, struct wall *ends)
{
    return webhook_receiver_certificate(router->receiver, ends);
}

void webhook_router_counts(const struct webhook_router *router, struct webhook_receiver_counts *out)
{
    webhook_receiver_counts(router->receiver, out);
}

void webhook_router_close(struct webhook_router *router, int64_t grace_ms,
                          void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(list_empty(&router->routes));
    router->waits = NULL;
    webhook_router_offer_again(router, false);
    webhook_receiver_close(router->receiver, grace_ms, closed, ctx);
    free(router);
}
