/* budget_print.h - what is spent and left of the budgets, for people and for programs. */
#ifndef MB_SERVICE_BUDGET_PRINT_H
#define MB_SERVICE_BUDGET_PRINT_H

#include "base/buffer.h"
#include "calendar/month.h"
#include "core/budget.h"

/* A line for this count, and one for the month. */
void budget_print(const struct budget_limits *l, const struct budget_spent *s,
                  const struct month *month, struct buffer *out);
/* A line, if a budget stopped a run, and is no higher here since or isn't set here. AT_WORK: beside a
 * run or a service, where `run --budget-again` is refused. */
void budget_print_stopped(const struct budget_limits *l, const struct budget_spent *s, bool at_work,
                          struct buffer *out);
/* {"count": {...}, "month": {...}}: spent, most and left (null without a limit), stopped. */
void budget_print_json(const struct budget_limits *l, const struct budget_spent *s,
                       const struct month *month, struct buffer *out);

#endif
