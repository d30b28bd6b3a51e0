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
