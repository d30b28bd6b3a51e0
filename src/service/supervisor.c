/* See supervisor.h. Each batch is served by itself (served_batch.h); here is what they share: the
 * loop's timer, the receiver, the configuration and its replacement, the service manager, the end.
 *
 * A configuration that was replaced stays as long as a run is on under it: runs keep their options
 * until they end.
 *
 * The end is a conjunction: every batch is over, then the receiver is closed, then the timers go
 * and nothing keeps the loop alive. */
#include "service/supervisor.h"
#include "base/log.h"
#include "service/manager.h"
#include "service/served_batch.h"
#include "service/served_batch_end.h"
#include "service/served_batch_receive.h"
#include "service/served_batch_status.h"
#include "webhook/webhook_router.h"

#include <stdlib.h>

enum { STATUS_MS = 10 * 1000, CLOSE_GRACE_MS = 2000 };

struct supervisor {
    struct loop *loop;
    struct supervisor_options options;
    struct served_batches *batches; /* the newest; older ones behind it */
    struct served_batch_host host;
    struct served_batch *served;
    size_t count;
    struct loop_timer *timer;
    struct mono status_at;
    struct manager manager;
    bool stopping, stop_now, ending;
};

/* --- what the batches come to --- */

static bool has_batch(const struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->served[i].batch)
            return true;
    return false;
}

/* One receiver takes the webhooks of all: its certificate is told by the first that tells anybody. */
static void see_to_certificate(struct supervisor *s)
{
    struct wall ends;
    const char *file =
        s->host.webhook_router ? webhook_router_certificate(s->host.webhook_router, &ends) : NULL;
    for (size_t i = 0; file && i < s->count; i++)
        if (notifier_certificate(served_batch_notifier(&s->served[i]), file, ends))
            return;
}

static void tell_status(struct supervisor *s)
{
    struct buffer text;
    buffer_init(&text, 0);
    for (size_t i = 0; i < s->count; i++)
        served_batch_report(&s->served[i]);
    see_to_certificate(s);
    for (size_t i = 0; s->manager.heard && i < s->count; i++) {
        buffer_put(&text, i ? " | " : "");
        served_batch_status(&s->served[i], &text);
    }
    manager_status(&s->manager, buffer_text(&text));
    buffer_release(&text);
    s->status_at =
        mono_add(loop_now(s->loop), has_batch(s) ? STATUS_MS : (int64_t)SUPERVISOR_TICK_MS);
}

static bool all_over(const struct supervisor *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (!served_batch_over(&s->served[i]))
            return false;
    return true;
}

static void closed_cb(void *ctx)
{
    struct supervisor *s = ctx;
    loop_timer_close(s->timer);
    s->timer = NULL;
    manager_end(&s->manager);
    if (s->options.ended)
        s->options.ended(s->options.ctx);
}

static void end(struct supervisor *s)
{
    struct webhook_router *router = s->host.webhook_router;
    s->ending = true;
    s->host.webhook_router = NULL;
    manager_stopping(&s->manager); /* also where nobody asked */
    if (router)
        webhook_router_close(router, CLOSE_GRACE_MS, closed_cb, s);
    else
        closed_cb(s);
}

/* --- a configuration that was replaced --- */

static bool in_use(const struct supervisor *s, const struct served_batches *r)
{
    for (size_t i = 0; i < s->count; i++)
        if (served_batch_uses(&s->served[i], r))
            return true;
    return false;
}

static void free_unused(struct supervisor *s)
{
    for (struct served_batches **r = &s->batches->older; *r;) {
        struct served_batches *old = *r;
        if (in_use(s, old)) {
            r = &old->older;
            continue;
        }
        *r = old->older;
        served_batches_free(old);
    }
}

/* --- turns --- */

/* A webhook that none of those at work knows is for one that isn't: all of them are opened, and
 * while one can't answer at once it waits. */
static void see_to_webhooks(struct supervisor *s)
{
    struct webhook_router *router = s->host.webhook_router;
    bool some_come = false;
    if (!router || !webhook_router_waits(router))
        return;
    for (size_t i = 0; i < s->count; i++)
        served_batch_receive(&s->served[i]);
    for (size_t i = 0; i < s->count; i++)
        some_come = some_come || served_batch_comes(&s->served[i]);
    webhook_router_offer_again(router, some_come);
}

static void turn_cb(void *ctx)
{
    struct supervisor *s = ctx;
    struct mono now = loop_now(s->loop), at = mono_add(now, SUPERVISOR_TICK_MS);
    if (s->ending)
        return;
    for (size_t i = 0; i < s->count; i++)
        served_batch_turn(&s->served[i]);
    see_to_webhooks(s);
    free_unused(s);
    if (all_over(s)) {
        end(s);
        return;
    }
    if (mono_reached(now, s->status_at))
        tell_status(s);
    at = mono_min(at, s->status_at);
    for (size_t i = 0; i < s->count; i++) {
        at = mono_min(at, served_batch_next(&s->served[i]));
        if (s->served[i].ended && !s->served[i].work) /* within this turn */
            at = now;
    }
    loop_timer_set(s->timer, at);
}

static void poke_cb(void *ctx)
{
    struct supervisor *s = ctx;
    if (s->timer && !s->ending)
        loop_timer_set(s->timer, loop_now(s->loop));
}

/* --- life --- */

/* All have the same receiver; its options are those of any. */
static int open_router(struct supervisor *s, struct error *e)
{
    struct batch_options o;
    struct config *c = s->batches->entries[0].config;
    if (!config_webhook_listen(c))
        return 0;
    int rc = batch_options_read_receiving(&o, c, e); /* whatever became of the inputs */
    if (rc < 0)
        return rc;
    rc = webhook_router_open(&s->host.webhook_router, s->loop, &o.webhook, e);
    batch_options_release(&o);
    if (rc == 0)
        webhook_router_expect(s->host.webhook_router, s->batches->count, poke_cb, s);
    return rc < 0 ? (e->code = ERR_USAGE) : 0;
}

static int begin_all(struct supervisor *s, struct error *e)
{
    for (size_t i = 0; i < s->count; i++) {
        int rc = served_batch_begin(&s->served[i], e);
        if (rc < 0 && *s->served[i].entry->name)
            error_wrap(e, "batch %s", s->served[i].entry->name);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int supervisor_new(struct supervisor **out, struct loop *loop, struct served_batches *batches,
                   const struct supervisor_options *options, struct error *e)
{
    struct supervisor *s = xcalloc(1, sizeof *s);
    s->loop = loop;
    s->batches = batches;
    s->options = *options;
    s->count = batches->count;
    s->served = xcalloc(s->count, sizeof *s->served);
    s->host = (struct served_batch_host){.loop = loop,
                                         .alone = s->count == 1,
                                         .seed = options->seed,
                                         .review = options->review,
                                         .report = options->report,
                                         .poke = poke_cb,
                                         .ctx = s};
    s->timer = loop_timer_new(loop, turn_cb, s);
    for (size_t i = 0; i < s->count; i++)
        served_batch_init(&s->served[i], &batches->entries[i], &s->host);
    *out = s;
    int rc = open_router(s, e);
    if (rc == 0)
        rc = begin_all(s, e);
    if (rc < 0) {
        s->stopping = true;
        for (size_t i = 0; i < s->count; i++)
            served_batch_stop(&s->served[i], BATCH_DRAIN);
    }
    return rc;
}

void supervisor_start(struct supervisor *s)
{
    if (!s->stopping)
        manager_ready(&s->manager, s->loop);
    s->status_at = loop_now(s->loop);
    loop_timer_set(s->timer, loop_now(s->loop));
}

static void view_cb(void *ctx, size_t i, struct batch_view *out)
{
    const struct supervisor *s = ctx;
    served_batch_view(&s->served[i], out);
}

static bool stopping_cb(void *ctx)
{
    const struct supervisor *s = ctx;
    return s->stopping || s->ending;
}

static struct webhook_router *router_cb(void *ctx)
{
    const struct supervisor *s = ctx;
    return s->host.webhook_router;
}

void supervisor_views(struct supervisor *s, struct batch_views *out)
{
    *out = (struct batch_views){
        .count = s->count, .view = view_cb, .stopping = stopping_cb, .router = router_cb, .ctx = s};
}

void supervisor_stop(struct supervisor *s)
{
    if (s->ending)
        return;
    if (!s->stopping)
        LOG(LOG_WARNING, "serve.stop",
            LOG_STR("what", "finishing the uploads on their way; again to stop at once, which is "
                            "safe too"));
    manager_stopping(&s->manager);
    for (size_t i = 0; i < s->count; i++)
        served_batch_stop(&s->served[i], s->stopping ? BATCH_NOW : BATCH_DRAIN);
    s->stopping = true;
}

/* --- reloading --- */

static void refuse(struct error_list *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        LOG(LOG_ERROR, "serve.reload_refused", LOG_STR("error", errors->errors[i].text),
            LOG_STR("next", "everything stays as it was"));
}

void supervisor_reload(struct supervisor *s)
{
    struct error_list errors;
    struct served_batches *next = NULL;
    if (s->stopping || s->ending)
        return;
    error_list_init(&errors);
    LOG(LOG_INFO, "run.reload", LOG_INT("batches", s->count));
    if (s->host.webhook_router)
        webhook_router_reload(s->host.webhook_router);
    struct config *config = s->options.load(s->options.ctx, &errors);
    int rc = config ? served_batches_read(&next, config, &errors) : ERR_USAGE;
    if (rc == 0)
        rc = served_batches_keep(next, s->batches, &errors);
    if (rc < 0) {
        refuse(&errors);
        served_batches_free(next);
    } else {
        next->older = s->batches;
        s->batches = next;
        for (size_t i = 0; i < s->count; i++)
            served_batch_reload(&s->served[i], &next->entries[i]);
        s->options.reloaded(s->options.ctx, next->config);
        LOG(LOG_INFO, "serve.reloaded", LOG_INT("batches", s->count));
    }
    error_list_release(&errors);
}

/* 70, 3, 2, 4, 5, 1, 0: the worst first. */
static int badness(int code)
{
    static const int order[] = {EXIT_ALL_STORED, EXIT_SOME_FAILED, EXIT_RESUMABLE,
                                EXIT_REFUSED,    EXIT_USAGE,       EXIT_LEDGER};
    int i = 0;
    while (i < (int)(sizeof order / sizeof *order) && order[i] != code)
        i++;
    return i;
}

int supervisor_exit_code(const struct supervisor *s)
{
    int worst = EXIT_ALL_STORED;
    for (size_t i = 0; i < s->count; i++)
        if (badness(s->served[i].exit_code) > badness(worst))
            worst = s->served[i].exit_code;
    return worst;
}

void supervisor_free(struct supervisor *s)
{
    REQUIRE(!s->timer && !s->host.webhook_router);
    for (size_t i = 0; i < s->count; i++)
        served_batch_release(&s->served[i]);
    while (s->batches) {
        struct served_batches *older = s->batches->older;
        served_batches_free(s->batches);
        s->batches = older;
    }
    free(s->served);
    free(s);
}
