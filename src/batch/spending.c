/* See spending.h. A budget holds back what would go over it; what is on its way goes on, and may turn
 * out to be free, so that there is room again. Only when nothing is on its way is the run stopped by
 * it. That is written down, and holds until a person says otherwise.
 *
 * The batch has nothing left to send when everything is found, the ledger's queue is empty, whosever
 * settings they are, and no upload or doubt is open that may have to be sent again. A run that ends
 * earlier, or dies, hasn't come to that: the next one counts on. */
#include "batch/spending.h"

#include "base/buffer.h"
#include "base/log.h"
#include "base/text.h"
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

static const char *option_name(bool of_month)
{
    return of_month ? "limits.max_credits_month" : "limits.max_credits";
}

/* A folder that is watched has a run that stays: beside it `run --budget-again` is refused. */
static const char *ways_out(const struct batch_options *o)
{
    bool stays = o->mode == RUN_STAYS || (o->mode == RUN_SCHEDULED && o->watch.enabled);
    return stays ? ", then send SIGHUP to the service or restart it" : ", or `run --budget-again`";
}

/* "N credits are spent"; in a month all of them, and those that are held against its budget. */
static void put_spent(const struct budget_spent *spent, const struct month *month,
                      struct buffer *out)
{
    char all[CREDITS_TEXT_MAX], held[CREDITS_TEXT_MAX];
    buffer_printf(out, "%s credits are spent",
                  credits_format(month ? spent->month_in_all : spent->count, all));
    if (month && spent->month.micro != spent->month_in_all.micro)
        buffer_printf(out, " in %s, %s of them since it was allowed again", month->name,
                      credits_format(spent->month, held));
}

static void say(struct spending *s, const struct budget_spent *spent)
{
    const struct batch_options *o = s->context->options;
    const struct budget_limits *l = &o->spending.budget;
    bool of_month = s->reached == BUDGET_MONTH_REACHED;
    struct month m = this_month(s);
    char most[CREDITS_TEXT_MAX], next[CREDITS_TEXT_MAX];
    struct buffer text;
    buffer_init(&text, 0);
    buffer_printf(&text, /* the ways out first: a notice may cut it */
                  "the budget%s%s is reached: raise %s = %s%s; ", of_month ? " of " : "",
                  of_month ? m.name : "", option_name(of_month),
                  credits_plain(of_month ? l->month : l->count, most), ways_out(o));
    put_spent(spent, of_month ? &m : NULL, &text);
    if (budget_holds(l, spent) == BUDGET_ALLOWS)
        buffer_printf(&text, ", the next document costs %s", credits_format(s->next, next));
    else
        buffer_put(&text, ", and a run was stopped: nothing is sent before that");
    text_copy(s->reason, sizeof s->reason, buffer_text(&text));
    buffer_release(&text);
}

/* The log's own line is short: the sentence is in it too, where the run's end or the service tells. */
static void log_reached(const struct spending *s)
{
    const struct budget_limits *l = &s->context->options->spending.budget;
    bool of_month = s->reached == BUDGET_MONTH_REACHED;
    char what[2 * CREDITS_TEXT_MAX + 32], most[CREDITS_TEXT_MAX];
    snprintf(what, sizeof what, "%s = %s", option_name(of_month),
             credits_plain(of_month ? l->month : l->count, most));
    LOG(LOG_WARNING, "budget.reached", LOG_STR("what", what));
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
        log_reached(s);
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
