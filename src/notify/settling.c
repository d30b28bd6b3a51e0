/* When a batch has ended: its results are handed over as long as that succeeds, each within
 * stored_timeout_ms; only then its numbers are final, and its end is told. */
#include "base/units.h"
#include "notify/notifier_internal.h"
#include "notify/trouble_line.h"

#include <stdio.h>

void settling_batch_ended(struct notifier *n)
{
    if (n->ledger && ledger_error(n->ledger)->code == ERR_DAMAGED)
        n->ledger = NULL; /* it stays as it is */
    n->alone = n->ledger != NULL;
    if (n->alone)
        ledger_recover(n->ledger);
    if (n->ledger && ledger_last_result(n->ledger, &n->results) < 0)
        n->results = 0;
    troubles_lost(&n->troubles); /* what was durable is out of it already */
}

static bool waits(const struct notifier *n, struct mono now)
{
    for (int i = 0; i < SINKS && !n->hurried; i++) {
        const struct handover_line *line = &n->handovers[i];
        if (!handovers_pending(line)) /* it may not even be configured */
            continue;
        struct mono until = closing_handovers_until(line);
        if (!mono_reached(now, until) &&
            (outlet_busy(line->outlet) || outlet_next(line->outlet).ms < until.ms))
            return true;
    }
    return false;
}

static void tell_left(struct notifier *n)
{
    for (int i = 0; i < SINKS; i++) {
        const struct handover_line *line = &n->handovers[i];
        char text[TROUBLE_TEXT_MAX], count[UNITS_TEXT_MAX];
        int64_t left = 0;
        if (!line->outlet || !n->ledger ||
            ledger_handovers_between(n->ledger, line->cursor, n->results, &left) < 0 || left == 0)
            continue;
        const char *cause = outlet_cause(line->outlet);
        snprintf(text, sizeof text, "%s %s not handed over by %s%s%.120s",
                 count_format(left, count), left == 1 ? "result" : "results",
                 outlet_name(line->outlet), *cause ? ": " : "", cause);
        troubles_add(&n->troubles, TROUBLE_HANDOVERS,
                     text, /* also where nobody is told: for the last words */
                     "mend what takes them; the next run hands them over");
    }
}

void settling_turn(struct notifier *n, struct mono now)
{
    if (!n->settling || waits(n, now))
        return;
    n->settling = false;
    n->settled = true;
    for (int i = 0; i < SINKS; i++)
        if (n->handovers[i].outlet)
            outlet_cancel(n->handovers[i].outlet);
    if (n->ledger)
        handovers_save(n, true);
    tell_left(n);
    n->settle_cb(n->settle_ctx);
}

void settling_begin(struct notifier *n, bool stopped, void (*settled)(void *ctx), void *ctx)
{
    settling_batch_ended(n);
    n->settling = true;
    n->stopped = stopped;
    n->close_at = loop_now(n->loop);
    n->settle_cb = settled;
    n->settle_ctx = ctx;
}
