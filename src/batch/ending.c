/* See ending.h. */
#include "batch/ending.h"

#include "base/log.h"
#include "base/text.h"
#include "batch/exit_code.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct ending {
    const struct run_context *context;
    enum run_life life;
    bool storage_lost;
    struct mono drain_until; /* draining: results may be asked for until then */
    struct mono stop_at;     /* stopping: results are waited for until then */
    int exit_code;           /* -1: none yet */
    char reason[600];
};

struct ending *ending_new(const struct run_context *c)
{
    struct ending *e = xcalloc(1, sizeof *e);
    e->context = c;
    e->exit_code = -1;
    return e;
}

void ending_free(struct ending *e)
{
    free(e);
}

enum run_life ending_life(const struct ending *e)
{
    return e->life;
}

bool ending_has_begun(const struct ending *e)
{
    return e->life != RUN_RUNNING;
}

static struct mono stop_time(const struct ending *e)
{
    return mono_add(clock_mono(e->context->clock), ENDING_STOP_MS);
}

static void drain(struct ending *e, int exit_code, const char *format, va_list ap)
{
    if (e->exit_code >= 0 || e->life == RUN_CLOSING)
        return;
    e->exit_code = exit_code;
    vsnprintf(e->reason, sizeof e->reason, format, ap);
    LOG(LOG_DEBUG, "run.stopping", LOG_INT("exit", exit_code), LOG_STR("reason", e->reason));
    if (e->life == RUN_RUNNING)
        e->life = RUN_DRAINING;
    e->drain_until = stop_time(e);
    run_poke(e->context);
}

void ending_early(struct ending *e, int exit_code, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    drain(e, exit_code, format, ap);
    va_end(ap);
}

/* An upload that is cut before its last byte is answered "not sent". */
static void stop(struct ending *e)
{
    if (e->life >= RUN_STOPPING)
        return;
    e->life = RUN_STOPPING;
    mindee_client_cancel_uploads(e->context->client);
}

void ending_interrupt(struct ending *e, bool now)
{
    ending_early(e, EXIT_RESUMABLE, "interrupted: run the same command again to go on");
    if (now && e->life < RUN_STOPPING) {
        e->stop_at = stop_time(e);
        stop(e);
    }
    run_poke(e->context);
}

void ending_storage_failed(struct ending *e)
{
    const struct error *error = ledger_error(e->context->ledger);
    bool damaged = error->code == ERR_DAMAGED;
    if (e->storage_lost)
        return;
    e->storage_lost = true;
    if (e->life == RUN_CLOSING) /* its end is on record */
        return;
    e->exit_code = -1; /* whatever the run was ending for, this is worse */
    ending_early(e, damaged ? EXIT_LEDGER : EXIT_RESUMABLE, "%s%s", error->text,
                 damaged ? "" : "; nothing is lost: mend this and run the same command again");
    stop(e);
}

bool ending_storage_lost(const struct ending *e)
{
    return e->storage_lost;
}

bool ending_wrote(struct ending *e, int rc)
{
    if (rc >= 0)
        return true;
    ending_storage_failed(e);
    return false;
}

void ending_verdict(struct ending *e, int exit_code, const char *reason)
{
    if (e->exit_code >= 0)
        return;
    e->exit_code = exit_code;
    text_copy(e->reason, sizeof e->reason, reason);
}

void ending_close(struct ending *e)
{
    e->life = RUN_CLOSING;
}

bool ending_may_fetch(const struct ending *e, struct mono now)
{
    return e->life == RUN_DRAINING && !mono_reached(now, e->drain_until);
}

bool ending_waits_for_results(const struct ending *e, struct mono now)
{
    return e->life == RUN_STOPPING && !mono_reached(now, e->stop_at);
}

struct mono ending_next(const struct ending *e, struct mono now)
{
    struct mono at = MONO_NEVER;
    if (ending_has_begun(e) && !mono_reached(now, e->drain_until))
        at = e->drain_until;
    if (ending_waits_for_results(e, now))
        at = mono_min(at, e->stop_at);
    return at;
}

int ending_exit_code(const struct ending *e)
{
    return e->exit_code;
}

const char *ending_reason(const struct ending *e)
{
    return e->reason;
}
