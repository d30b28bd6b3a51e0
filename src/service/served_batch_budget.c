/* See served_batch_budget.h. A scheduled run that was stopped leaves its period's row at "running", as one
 * that died does; but it isn't taken up again while the budget holds (agenda.h), until another period is
 * due. Jobs that are still open are asked for all the same: they are paid for. */
#include "service/served_batch_budget.h"

#include "calendar/month.h"
#include "ledger/spending.h"

static bool has_open_jobs(const struct ledger_counts *c)
{
    return c->by_state[DOC_SUBMITTING] + c->by_state[DOC_PROCESSING] + c->by_state[DOC_READY] > 0;
}

int served_batch_is_held(struct served_batch *s, bool *held)
{
    struct ledger *l = batch_ledger(s->batch);
    struct month m = month_of(s->options.spending.zone, served_batch_wall(s));
    struct budget_spent spent;
    struct ledger_counts c;
    int rc = ledger_spent(l, m.from, m.until, &spent);
    if (rc == 0)
        rc = ledger_counts(l, &c);
    *held = rc == 0 && budget_holds(&s->options.spending.budget, &spent) != BUDGET_ALLOWS &&
            !has_open_jobs(&c);
    return rc;
}

void served_batch_tell_budget(struct served_batch *s)
{
    const char *reason = batch_budget_reason(s->batch);
    if (!*reason || s->budget_told)
        return;
    s->budget_told = true;
    service_notice(&(struct service_notice){.kind = NOTICE_TROUBLE,
                                            .entry = s->running_on,
                                            .exit_code = EXIT_RESUMABLE,
                                            .text = reason});
    notifier_trouble(served_batch_notifier(s), TROUBLE_BUDGET, reason, "");
}
