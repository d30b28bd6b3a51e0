/* See budgets.h. What isn't known counts as one page, so where pages may be unknown only the ledger's
 * own sums are checked (ledger_counts_check, at every turn of a run). */
#include "budgets.h"

#include "calendar/month.h"
#include "check_ledger.h"
#include "ledger/spending.h"

#include <inttypes.h>
#include <stdio.h>

enum { TENTH = CREDIT_MICROS / 10 };

static void set(struct config *c, struct error_list *errors, const char *name, int n, int tenths)
{
    char text[80];
    snprintf(text, sizeof text, "%s=%d.%d", name, n, tenths);
    REQUIRE(config_set(c, text, errors) == 0);
}

void budgets_set(const struct world *w, struct config *c, struct error_list *errors)
{
    const struct scenario *s = w->scenario;
    set(c, errors, "limits.credits_per_page", s->price_tenths / 10, s->price_tenths % 10);
    if (s->max_credits >= 0 && !w->healed)
        set(c, errors, "limits.max_credits", s->max_credits, 0);
    if (s->max_month >= 0 && !w->healed)
        set(c, errors, "limits.max_credits_month", s->max_month, 0);
}

bool budgets_again(const struct world *w, int run)
{
    struct random r;
    const struct scenario *s = w->scenario;
    bool any = (s->max_credits >= 0 || s->max_month >= 0) && !w->healed;
    random_init(&r, s->seed * 31 + (uint64_t)run);
    return any && random_unit(&r) < s->budget_again;
}

static void check_limit(struct world *w, const char *name, struct credits limit,
                        struct credits spent)
{
    char a[CREDITS_TEXT_MAX], b[CREDITS_TEXT_MAX];
    if (limit.micro >= 0 && spent.micro > limit.micro)
        world_fail(w, "%s credits begun, %s is %s", credits_plain(spent, a), name,
                   credits_plain(limit, b));
}

void budgets_check(struct world *w, const struct batch_options *o, struct ledger *l,
                   struct wall now)
{
    struct budget_spent spent;
    struct month m = month_of(o->spending.zone, now);
    if (w->scenario->count_pages || w->scenario->lives.on || !budget_is_set(&o->spending.budget) ||
        ledger_spent(l, m.from, m.until, &spent) < 0)
        return;
    check_limit(w, "limits.max_credits", o->spending.budget.count, spent.count);
    check_limit(w, "limits.max_credits_month", o->spending.budget.month, spent.month);
}

void budgets_check_turn(struct world *w, struct ledger *l, bool *over)
{
    bool now = ledger_spent_is_over(l);
    if (now && !*over && ledger_count_in(l, DOC_QUEUED) + ledger_count_in(l, DOC_SUBMITTING) > 0)
        world_fail(w, "it is written down that nothing is left to send, and something is");
    *over = now;
}

static int64_t counter(sqlite3 *db, int id)
{
    int64_t n = check_number(db, "SELECT n FROM counter WHERE id = ?", id, 0);
    return n < 0 ? 0 : n;
}

/* What was charged for attempts that the ledger has in this count. */
static int64_t charged(struct world *w, sqlite3 *db, int64_t from)
{
    int64_t micro = 0;
    for (int i = 0; i < w->job_count; i++) {
        const struct sim_job *job = &w->jobs[i];
        if (job->ledger || job->forgotten || job->end != JOB_END_RESULT)
            continue;
        int64_t id = check_number(db, "SELECT id FROM attempt WHERE document = ? AND n = ?",
                                  job->document, job->attempt);
        if (id > from)
            micro += (int64_t)scenario_pages(w->scenario, job->content) *
                     w->scenario->price_tenths * TENTH;
    }
    return micro;
}

void budgets_check_after_run(struct world *w, sqlite3 *db)
{
    enum { COUNT_FROM = 33, COUNTED = 34 };
    if (w->scenario->count_pages || w->scenario->lives.on)
        return;
    int64_t micro = charged(w, db, counter(db, COUNT_FROM));
    if (micro > counter(db, COUNTED))
        world_fail(w,
                   "%" PRId64 " millionths of a credit were charged in this count, and %" PRId64
                   " counted",
                   micro, counter(db, COUNTED));
}
