/* See webhook_router.h. A delivery is read once, here, and its reading lent to the routes. */
#include "webhook/webhook_router.h"
#include "base/log.h"

#include <stdlib.h>

struct webhook_router {
    struct webhook_receiver *receiver;
    struct list routes; /* struct webhook_route */
    size_t expected;    /* routes of which each may be absent for a while */
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
    enum route_answer answer = ROUTE_UNKNOWN;
    LIST_EACH (node, &router->routes) {
        struct webhook_route *route = LIST_ENTRY(node, struct webhook_route, node);
        enum route_answer a = route->offer(route->ctx, d, w, body, len, false);
        if (a == ROUTE_TAKEN)
            return a;
        answer = a == ROUTE_REFUSED ? a : answer;
    }
    struct list *first = list_first(&router->routes);
    if (answer == ROUTE_UNKNOWN && first && !somebody_is_absent(router)) {
        struct webhook_route *route = LIST_ENTRY(first, struct webhook_route, node);
        return route->offer(route->ctx, d, w, body, len, true);
    }
    return ROUTE_REFUSED;
}

static void delivered_cb(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    struct webhook_router *router = ctx;
    struct mindee_webhook w;
    struct mindee_webhook_text *owner = NULL;
    bool readable = mindee_webhook_parse(body, len, &w, &owner) == 0;
    if (offer_to_all(router, d, readable ? &w : NULL, body, len) != ROUTE_TAKEN)
        webhook_delivery_reply(d, 503);
    mindee_webhook_free(owner);
}

int webhook_router_open(struct webhook_router **out, struct loop *loop,
                        const struct webhook_receiver_options *options, struct error *e)
{
    struct webhook_router *router = xcalloc(1, sizeof *router);
    struct webhook_receiver_options ro = *options;
    ro.delivered = delivered_cb;
    ro.ctx = router;
    list_init(&router->routes);
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

void webhook_router_expect(struct webhook_router *router, size_t routes)
{
    router->expected = routes;
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

void webhook_router_counts(const struct webhook_router *router, struct webhook_receiver_counts *out)
{
    webhook_receiver_counts(router->receiver, out);
}

void webhook_router_close(struct webhook_router *router, int64_t grace_ms,
                          void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(list_empty(&router->routes));
    webhook_receiver_close(router->receiver, grace_ms, closed, ctx);
    free(router);
}
