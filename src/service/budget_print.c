/* See budget_print.h. The month's spent is all of it; what is left counts from when a person last allowed
 * it again. */
#include "service/budget_print.h"

static struct credits left_of(struct credits limit, struct credits held)
{
    return (struct credits){limit.micro > held.micro ? limit.micro - held.micro : 0};
}

static void print_budget(struct buffer *out, const char *what, const char *option,
                         struct credits limit, struct credits held, struct credits spent)
{
    char a[CREDITS_TEXT_MAX], b[CREDITS_TEXT_MAX], c[CREDITS_TEXT_MAX];
    buffer_printf(out, "%-13s %12s   credits spent", what, credits_format(spent, a));
    if (limit.micro >= 0 && held.micro != spent.micro)
        buffer_printf(out, ", %s of them since it was allowed again", credits_format(held, b));
    if (limit.micro < 0)
        buffer_printf(out, "; %s isn't set\n", option);
    else
        buffer_printf(out, "; %s left of %s = %s\n", credits_format(left_of(limit, held), b),
                      option, credits_plain(limit, c));
}

void budget_print(const struct budget_limits *l, const struct budget_spent *s,
                  const struct month *month, struct buffer *out)
{
    print_budget(out, "this count", "limits.max_credits", l->count, s->count, s->count);
    print_budget(out, month->name, "limits.max_credits_month", l->month, s->month, s->month_in_all);
}

static struct credits or_else(struct credits limit, struct credits stopped)
{
    return limit.micro >= 0 ? limit : stopped;
}

void budget_print_stopped(const struct budget_limits *l, const struct budget_spent *s, bool at_work,
                          struct buffer *out)
{
    const struct budget_limits then = {or_else(l->count, s->stopped_count),
                                       or_else(l->month, s->stopped_month)};
    char most[CREDITS_TEXT_MAX];
    enum budget_answer here = budget_holds(l, s), by = here ? here : budget_holds(&then, s);
    bool of_month = by == BUDGET_MONTH_REACHED;
    if (by == BUDGET_ALLOWS)
        return;
    buffer_printf(out,
                  "limits.max_credits%s = %s stopped a run%s nothing is sent until it is raised",
                  of_month ? "_month" : "", credits_plain(of_month ? then.month : then.count, most),
                  here ? ":" : ", and isn't set here: with it");
    buffer_put(out, at_work ? ", and a service told so (SIGHUP, or a restart)\n"
                            : ", or `run --budget-again` is said\n");
}

static void print_json(struct buffer *out, struct credits limit, struct credits held,
                       struct credits spent, bool stopped)
{
    char a[CREDITS_TEXT_MAX], b[CREDITS_TEXT_MAX], c[CREDITS_TEXT_MAX];
    buffer_printf(out, "\"spent\": %s, ", credits_plain(spent, a));
    if (limit.micro < 0)
        buffer_put(out, "\"most\": null, \"left\": null, ");
    else
        buffer_printf(out, "\"most\": %s, \"left\": %s, ", credits_plain(limit, b),
                      credits_plain(left_of(limit, held), c));
    buffer_printf(out, "\"stopped\": %s}", stopped ? "true" : "false");
}

void budget_print_json(const struct budget_limits *l, const struct budget_spent *s,
                       const struct month *month, struct buffer *out)
{
    const struct budget_limits of_month = {BUDGET_NONE, l->month};
    buffer_put(out, "{\"count\": {");
    print_json(out, l->count, s->count, s->count, budget_holds(l, s) == BUDGET_COUNT_REACHED);
    buffer_printf(out, ", \"month\": {\"name\": \"%s\", ", month->name);
    print_json(out, l->month, s->month, s->month_in_all,
               budget_holds(&of_month, s) == BUDGET_MONTH_REACHED);
    buffer_put(out, "}");
}
