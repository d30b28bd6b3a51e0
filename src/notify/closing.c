/* The end of a notifier, a conjunction: what is still on its way is waited for, as long as that is
 * worth it, then cancelled; when no outlet is busy notifier.c writes the cursors a last time and has
 * the outlets closed; the last one reports. */
#include "base/log.h"
#include "notify/notifier_internal.h"

#include <stdlib.h>

/* ---- when to wait for what ---- */

/* A mail server that was asked has the time it wants, but isn't asked again for so long. */
struct mono closing_notices_until(const struct notice_line *line)
{
    const struct notifier *n = line->n;
    bool asked = line->sink == SINK_MAIL && outlet_busy(line->outlet) && !n->stopped;
    return mono_add(n->close_at, asked ? MAIL_WAIT_MS : NOTICE_WAIT_MS);
}

struct mono closing_handovers_until(const struct handover_line *line)
{
    if (line->n->stopped)
        return outlet_busy(line->outlet) ? mono_add(line->n->close_at, NOTICE_WAIT_MS)
                                         : line->n->close_at;
    return mono_add(mono_max(line->n->close_at, line->moved_at),
                    line->n->options->stored_timeout_ms);
}

/* Whether an outlet with something to do may still do it before UNTIL. */
static bool worth_waiting(const struct outlet *o, struct mono until, struct mono now)
{
    return !mono_reached(now, until) && (outlet_busy(o) || outlet_next(o).ms < until.ms);
}

static bool still_waiting(struct notifier *n, struct mono now)
{
    bool waiting = false;
    for (int i = 0; i < SINKS && !n->hurried; i++) {
        struct notice_line *notice = &n->notices[i];
        struct handover_line *handover = &n->handovers[i];
        if (notices_pending(notice))
            waiting |= worth_waiting(notice->outlet, closing_notices_until(notice), now);
        if (handovers_pending(handover) && !n->settled)
            waiting |= worth_waiting(handover->outlet, closing_handovers_until(handover), now);
    }
    return waiting;
}

/* ---- the end ---- */

static void outlet_closed_cb(void *ctx)
{
    struct notifier *n = ctx;
    if (--n->outlets_open > 0)
        return;
    n->closed(n->closed_ctx);
}

/* Of mail that fails somebody was told when it began to. */
static bool was_told(const struct notice_line *line)
{
    return line->sink == SINK_MAIL && *outlet_cause(line->outlet);
}

void closing_report(struct notifier *n)
{
    for (int i = 0; i < SINKS; i++) {
        const struct handover_line *line = &n->handovers[i];
        int64_t left = 0;
        if (line->outlet &&
            ledger_handovers_between(n->ledger, line->cursor, n->results, &left) == 0 && left > 0)
            LOG(LOG_WARNING, "on_stored.left", LOG_STR("by", outlet_name(line->outlet)),
                LOG_INT("results", left), LOG_STR("cause", outlet_cause(line->outlet)),
                LOG_STR("next", "the next run hands them over"));
    }
    for (int i = 0; i < SINKS; i++)
        if (notices_pending(&n->notices[i]))
            LOG(was_told(&n->notices[i]) ? LOG_INFO : LOG_WARNING, "notify.left",
                LOG_STR("by", outlet_name(n->notices[i].outlet)),
                LOG_STR("cause", outlet_cause(n->notices[i].outlet)),
                LOG_STR("next", n->notices[i].loose ? "it isn't told" : "the next run tells it"));
}

void closing_outlets(struct notifier *n)
{
    struct outlet *open[2 * SINKS];
    int count = 0;
    for (int i = 0; i < SINKS; i++) {
        if (n->notices[i].outlet)
            open[count++] = n->notices[i].outlet;
        if (n->handovers[i].outlet)
            open[count++] = n->handovers[i].outlet;
        n->notices[i].outlet = n->handovers[i].outlet = NULL;
    }
    n->outlets_open = count;
    for (int i = 0; i < count; i++)
        outlet_close(open[i], outlet_closed_cb, n);
}

static bool any_outlet_busy(const struct notifier *n)
{
    bool busy = false;
    for (int i = 0; i < SINKS; i++)
        busy |= (n->notices[i].outlet && outlet_busy(n->notices[i].outlet)) ||
                (n->handovers[i].outlet && outlet_busy(n->handovers[i].outlet));
    return busy;
}

static void cancel_all(struct notifier *n)
{
    for (int i = 0; i < SINKS; i++) {
        if (n->notices[i].outlet)
            outlet_cancel(n->notices[i].outlet);
        if (n->handovers[i].outlet)
            outlet_cancel(n->handovers[i].outlet);
    }
}

bool closing_turn(struct notifier *n, struct mono now)
{
    if (!n->stopping) {
        if (still_waiting(n, now))
            return false;
        n->stopping = true;
        cancel_all(n);
    }
    return n->timer && !any_outlet_busy(n);
}
