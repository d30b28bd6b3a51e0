/* See fake_router.h. */
#include "fake_router.h"

#include "record.h"

#include <stdlib.h>

struct webhook_router *fake_router;
const char *fake_router_open_fails;

struct webhook_router *fake_router_new(void)
{
    return fake_router = xcalloc(1, sizeof *fake_router);
}

int webhook_router_open(struct webhook_router **out, struct loop *loop,
                        const struct webhook_receiver_options *options, struct error *e)
{
    (void)loop;
    record("open_router %s", options->path);
    if (fake_router_open_fails)
        return error_set(e, ERR_NETWORK, "%s", fake_router_open_fails);
    *out = fake_router_new();
    return 0;
}

void webhook_router_expect(struct webhook_router *router, size_t routes, void (*waits)(void *ctx),
                           void *ctx)
{
    (void)router, (void)routes, (void)waits, (void)ctx;
}

void webhook_router_join(struct webhook_router *router, struct webhook_route *route)
{
    record("join_router");
    router->route = route;
}

void webhook_router_leave(struct webhook_route *route)
{
    record("leave_router");
    REQUIRE(fake_router->route == route);
    fake_router->route = NULL;
}

bool webhook_router_reload(struct webhook_router *router)
{
    (void)router;
    record("reload_router");
    return true;
}

const char *webhook_router_certificate(const struct webhook_router *router, struct wall *ends)
{
    (void)router, (void)ends;
    return NULL;
}

void webhook_router_counts(const struct webhook_router *router, struct webhook_receiver_counts *out)
{
    *out = router->counts;
}

void webhook_router_close(struct webhook_router *router, int64_t grace_ms,
                          void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(!router->route);
    record("close_router grace=%lld", (long long)grace_ms);
    router->closed = closed;
    router->closed_ctx = ctx;
}

void fake_router_closed(void)
{
    struct webhook_router *router = fake_router;
    fake_router = NULL;
    if (router->closed)
        router->closed(router->closed_ctx);
    free(router);
}

void webhook_delivery_reply(struct webhook_delivery *d, int status)
{
    record("reply %d %d", d->number, status);
}
