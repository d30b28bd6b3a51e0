/* See budget.h. */
#include "core/budget.h"

static bool is_set(struct credits limit)
{
    return limit.micro >= 0;
}

bool budget_is_set(const struct budget_limits *l)
{
    return is_set(l->count) || is_set(l->month);
}

/* Not raised since. */
static bool holds(struct credits limit, struct credits stopped)
{
    return is_set(limit) && is_set(stopped) && limit.micro <= stopped.micro;
}

enum budget_answer budget_holds(const struct budget_limits *l, const struct budget_spent *s)
{
    return holds(l->count, s->stopped_count)   ? BUDGET_COUNT_REACHED
           : holds(l->month, s->stopped_month) ? BUDGET_MONTH_REACHED
                                               : BUDGET_ALLOWS;
}

static bool exceeds(struct credits limit, struct credits spent, struct credits next)
{
    return is_set(limit) && next.micro > limit.micro - spent.micro;
}

enum budget_answer budget_ask(const struct budget_limits *l, const struct budget_spent *s,
                              struct credits next)
{
    enum budget_answer held = budget_holds(l, s);
    return held                                ? held
           : exceeds(l->count, s->count, next) ? BUDGET_COUNT_REACHED
           : exceeds(l->month, s->month, next) ? BUDGET_MONTH_REACHED
                                               : BUDGET_ALLOWS;
}

static struct credits left_of(struct credits limit, struct credits spent)
{
    return (struct credits){spent.micro < limit.micro ? limit.micro - spent.micro : 0};
}

struct credits budget_left(const struct budget_limits *l, const struct budget_spent *s)
{
    struct credits count = left_of(l->count, s->count), month = left_of(l->month, s->month);
    if (!budget_is_set(l))
        return BUDGET_NONE;
    if (!is_set(l->count))
        return month;
    return is_set(l->month) && month.micro < count.micro ? month : count;
}
