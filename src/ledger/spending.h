/* spending.h - what the attempts of a ledger cost, as far as budgets go by it: since the count began,
 * and in a month. An attempt counts from its beginning to when it is known to be free, at the pages
 * that are known then and at the price that it was sent at.
 *
 *   ledger_spent(l, month, until, &spent);      for core/budget.h; from sums that are kept up: it
 *                                               costs the same whatever the ledger holds
 *   ledger_spent_nothing_left(l);               the batch has nothing left to send: its next attempt
 *                                               begins a new count
 *   ledger_spent_begin(l);                      a new count begins, of a scheduled run
 *   ledger_spent_again(l);                      a person allows it all again, the month's too
 *   ledger_spent_stopped(l, answer, limits);    a run was stopped by that budget
 *
 * They join the turn's commit. */
#ifndef MB_LEDGER_SPENDING_H
#define MB_LEDGER_SPENDING_H

#include "core/budget.h"
#include "ledger/ledger.h"

/* FROM and UNTIL: the month's beginning and the next one's. */
MUST_CHECK int ledger_spent(struct ledger *l, struct wall from, struct wall until,
                            struct budget_spent *out);
MUST_CHECK int ledger_spent_nothing_left(struct ledger *l);
bool ledger_spent_is_over(const struct ledger *l); /* that was said, and nothing was begun since */
MUST_CHECK int ledger_spent_begin(struct ledger *l);
MUST_CHECK int ledger_spent_again(struct ledger *l);
MUST_CHECK int ledger_spent_stopped(struct ledger *l, enum budget_answer by,
                                    const struct budget_limits *limits);

#endif
