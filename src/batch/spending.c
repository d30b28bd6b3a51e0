/* See spending.h. A budget holds back what would go over it; what is on its way goes on, and may turn
 * out to be free, so that there is room again. Only when nothing is on its way is the run stopped by
 * it. That is written down, and holds until a person says otherwise.
 *
 * The batch has nothing left to send when everything is found, the ledger's queue is empty, whosever
 * settings they are, and no upload or doubt is open that may have to be sent again. A run that ends
 * earlier, or dies, hasn't come to that: the next one counts on. */
#include "batch/spending.h"

#include "base/log.h"
#include "calendar/month.h"
#include "ledger/spending.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOOK_AGAIN_MS = 60 * 1000 }; /* while a month's budget holds something back */

struct spending {
    struct run_context *context;
    struct spending_neighbours with;
    enum budget_answer reached; /* by what was asked for last */
    struct credits next;        /* what that costs */
    char reason[SPENDING_TEXT_MAX];
};

struct spending *spending_new(struct run_context *c, const struct spending_neighbours *with)
{
    struct spending *s = xcalloc(1, sizeof *s);
    s->context = c;
    s->with = *with;
    return s;
}

void spending_free(struct spending *s)
{
    free(s);
}

static struct month this_month(const struct spending *s)
{
    return month_of(s->context->options->spending.zone, clock_wall(s->context->clock));
}

static bool look(struct spending *s, struct budget_spent *spent)
{
    struct month m = this_month(s);
    return ending_wrote(s->with.ending, ledger_spent(s->context->ledger, m.from, m.until, spent));
}

enum budget_answer spending_ask(struct spending *s, const struct flight *f)
{
    const struct batch_options *o = s->context->options;
    struct budget_spent spent;
    if (!look(s, &spent))
        return BUDGET_COUNT_REACHED; /* the run is ending */
    s->next = credits_for(flight_pages(f), o->spending.price);
    s->reached = budget_ask(&o->spending.budget, &spent, s->next);
    if (s->reached == BUDGET_ALLOWS)
        s->reason[0] = '\0';
    return s->reached;
}

/* --- stopped --- */

static void say(struct spending *s, const struct budget_spent *spent)
{
    const struct budget_limits *l = &s->context->options->spending.budget;
    bool month = s->reached == BUDGET_MONTH_REACHED;
    const char *name = month ? "limits.max_credits_month" : "limits.max_credits";
    struct month m = this_month(s);
    char is[CREDITS_TEXT_MAX], most[CREDITS_TEXT_MAX], next[CREDITS_TEXT_MAX];
    char why[2 * CREDITS_TEXT_MAX] = "a run that was stopped goes on only then";
    if (budget_holds(l, spent) == BUDGET_ALLOWS)
        snprintf(why, sizeof why, "the next document costs %s", credits_format(s->next, next));
    snprintf(s->reason, sizeof s->reason, /* the ways out first: a notice may cut it */
             "the budget%s%s is reached: raise %s = %s, or `run --budget-again`; %s credits are "
             "spent, %s",
             month ? " of " : "", month ? m.name : "", name,
             credits_plain(month ? l->month : l->count, most),
             credits_format(month ? spent->month : spent->count, is), why);
}

/* Written down once: what it holds by then is what it was stopped at. A turn that is lost, or a ledger
 * that can't be written, is noticed where turns are committed: what isn't there is written in the next
 * turn again. */
static void stop(struct spending *s)
{
    const struct budget_limits *l = &s->context->options->spending.budget;
    struct budget_spent spent;
    if (!look(s, &spent))
        return;
    if (!*s->reason) {
        say(s, &spent);
        LOG(LOG_WARNING, "budget.reached", LOG_STR("reason", s->reason));
    }
    if (budget_holds(l, &spent) == BUDGET_ALLOWS &&
        ledger_spent_stopped(s->context->ledger, s->reached, l) < 0)
        return;
}

const char *spending_reason(const struct spending *s)
{
    return s->reason;
}

/* --- turns --- */

static bool all_is_found(const struct spending *s)
{
    return !find_busy(s->with.find) && !find_waits(s->with.find) &&
           !recover_busy(s->with.recover) && !retry_busy(s->with.retry);
}

static bool nothing_left(const struct spending *s)
{
    static const enum doc_state open[] = {DOC_QUEUED, DOC_SUBMITTING, DOC_IN_DOUBT};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        if (flights_count(s->with.flights, open[i]) > 0)
            return false;
    return ledger_count_in(s->context->ledger, DOC_QUEUED) == 0 && all_is_found(s);
}

void spending_turn(struct spending *s, struct mono now)
{
    (void)now;
    if (s->context->options->mode == RUN_RECEIVES || ending_has_begun(s->with.ending) ||
        journal_down(s->with.journal))
        return;
    if (!ledger_spent_is_over(s->context->ledger) && nothing_left(s)) {
        s->reached = BUDGET_ALLOWS;
        s->reason[0] = '\0';
        if (ledger_spent_nothing_left(s->context->ledger) < 0)
            return;
    }
    bool stays = s->context->options->mode == RUN_STAYS;
    if (stays && s->reached && !flights_busy(s->with.flights) && all_is_found(s))
        stop(s);
}

struct mono spending_next(const struct spending *s, struct mono now)
{
    int64_t left_ms = this_month(s).until.ms - clock_wall(s->context->clock).ms;
    if (s->reached != BUDGET_MONTH_REACHED || ending_has_begun(s->with.ending))
        return MONO_NEVER;
    return mono_add(now, left_ms < LOOK_AGAIN_MS ? left_ms + 1 : LOOK_AGAIN_MS);
}

void spending_end(struct spending *s, bool documents_wait)
{
    struct mono now = clock_mono(s->context->clock);
    spending_turn(s, now);
    if (s->reached && documents_wait && !ending_has_begun(s->with.ending) &&
        s->context->options->mode != RUN_RECEIVES)
        stop(s);
}
