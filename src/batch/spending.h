/* spending.h - the run and its budgets: whether a document may be sent as far as money goes, when the
 * batch has nothing left to send, and what the run says when a budget has stopped it. What is spent is
 * the ledger's (ledger/spending.h), the decision core's (budget.h).
 *
 *     if (spending_ask(s, f) == BUDGET_ALLOWS)     it may go
 *     spending_turn(s, now);                       before each commit
 *     spending_end(s, documents_wait)              the run has come to its end */
#ifndef MB_BATCH_SPENDING_H
#define MB_BATCH_SPENDING_H

#include "batch/find.h"
#include "batch/recover.h"
#include "batch/retry.h"

struct spending;

struct spending_neighbours {
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct find *find;
    struct recover *recover;
    struct retry *retry;
};

enum { SPENDING_TEXT_MAX = 400 };

struct spending *spending_new(struct run_context *c, const struct spending_neighbours *with);
void spending_free(struct spending *s);

/* Its pages are known, or known to be unknown. */
enum budget_answer spending_ask(struct spending *s, const struct flight *f);
void spending_turn(struct spending *s, struct mono now);
/* When what a month's budget holds back may go on. */
struct mono spending_next(const struct spending *s, struct mono now);
void spending_end(struct spending *s, bool documents_wait);
/* Which budget the run was stopped by, with the figures and the ways out; "": none. In a run that
 * stays: nothing is on its way any more, and nothing goes until somebody says so. */
const char *spending_reason(const struct spending *s);

#endif
