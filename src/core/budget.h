/* budget.h - whether a document may be sent as far as money goes. Pure: the ledger knows what is
 * spent (ledger/spending.h), the options what may be.
 *
 *     if (budget_ask(&limits, &spent, price_of_it) == BUDGET_ALLOWS)  it may
 *
 * There are two brakes. One holds over a count: what was begun since the batch last had nothing left
 * to send, or since a scheduled run or a person began a new one. The other holds over a calendar
 * month. An attempt counts from its beginning, whatever is still unknown of it, and no longer once
 * it is known to be free.
 *
 * A run that was stopped stays stopped: what it is allowed must be raised above what it was, or the
 * count be begun anew, or the month be over. That some of what it had counted turned out to be free
 * doesn't begin it again. */
#ifndef MB_CORE_BUDGET_H
#define MB_CORE_BUDGET_H

#include "base/credits.h"

enum budget_answer { BUDGET_ALLOWS, BUDGET_COUNT_REACHED, BUDGET_MONTH_REACHED };

/* Negative: there is none. */
#define BUDGET_NONE ((struct credits){-1})

struct budget_limits {
    struct credits count, month; /* limits.max_credits, .max_credits_month */
};

struct budget_spent {
    struct credits count; /* by the attempts of this count; 0 if the next one begins a new count */
    struct credits month; /* in this month, as far as it is held against the budget: since a person
                             allowed it again, if one did */
    struct credits month_in_all;
    struct credits stopped_count, stopped_month; /* the limits at which a run was stopped; NONE */
};

bool budget_is_set(const struct budget_limits *l);
/* NEXT: what it would cost. */
enum budget_answer budget_ask(const struct budget_limits *l, const struct budget_spent *s,
                              struct credits next);
/* A run was stopped, and nobody has said since that it may go on. */
enum budget_answer budget_holds(const struct budget_limits *l, const struct budget_spent *s);
/* What is left of both, never below 0; NONE: nothing is set. */
struct credits budget_left(const struct budget_limits *l, const struct budget_spent *s);

#endif
