/* spending_internal.h - what keeps up what is spent (spending.h), for the files that change it. */
#ifndef MB_LEDGER_SPENDING_INTERNAL_H
#define MB_LEDGER_SPENDING_INTERNAL_H

#include "ledger/private.h"

/* --- counts.c --- */

/* The counters as of now: a reader's come from the table, a writer's from memory. */
MUST_CHECK int totals_now(struct ledger *l, struct totals *out);
/* The pages that each of its attempts is taken to cost; unknown: 1. */
int64_t row_unit(const struct document_row *row);

/* --- spending.c --- */

enum { SPENT_QUARTER_MS = 900000 };

/* An attempt that isn't known to be free. MICRO: what it costs, or by how much that
 * changed. */
MUST_CHECK int spending_add(struct ledger *l, int64_t attempt, int64_t started_at, int64_t micro);
/* What spending_add has put by: into its table, or forgotten. */
MUST_CHECK int spending_write(struct ledger *l);
void spending_forget(struct ledger *l);
bool spending_concerns(const char *table); /* it is newer in memory */
/* Each page of ROW's attempts was one of BY more than was known. */
MUST_CHECK int spending_repage(struct ledger *l, const struct document_row *row, int64_t by);
/* Before an attempt is made. */
MUST_CHECK int spending_before_attempt(struct ledger *l);
/* spending_check.c: the rows of attempts against what is kept: 0, or ERR_DAMAGED. */
MUST_CHECK int spending_check(struct ledger *l, const struct totals *now);
#define ATTEMPT_IS_FREE "a.outcome IN (1, 2, 6)"
_Static_assert(ATTEMPT_NOT_SENT == 1 && ATTEMPT_ANSWERED == 2 && ATTEMPT_JOB_FAILED == 6,
               "as in ATTEMPT_IS_FREE");

#endif
