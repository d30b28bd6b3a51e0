/* See plan.h: the page that tells a plan to people. */
#include "base/text.h"
#include "base/units.h"
#include "service/budget_print.h"
#include "service/plan.h"

static void print_types(const struct plan *p, struct buffer *out)
{
    char a[UNITS_TEXT_MAX], b[UNITS_TEXT_MAX], c[UNITS_TEXT_MAX];
    buffer_printf(out, "  %-12s %10s %10s %10s\n", "type", "documents", "pages", "size");
    for (int t = 0; t < PLAN_TYPES; t++) {
        const struct plan_type *pt = &p->types[t];
        if (pt->documents)
            buffer_printf(out, "  %-12s %10s %10s %10s%s\n", file_type_name((enum file_type)t),
                          count_format(pt->documents, a), count_format(pt->pages, b),
                          size_format(pt->bytes, c),
                          pt->uncounted ? "   pages unknown: see below" : "");
    }
    buffer_printf(out, "  %-12s %10s %10s %10s\n\n", "to send", count_format(p->documents, a),
                  count_format(p->pages, b), size_format(p->bytes, c));
}

static void print_rejects(const struct plan *p, struct buffer *out)
{
    char a[UNITS_TEXT_MAX];
    if (!p->rejected)
        return;
    buffer_printf(out, "\nwould be rejected, not sent:\n");
    for (int i = 0; i < PLAN_REJECTS_SHOWN && p->rejects[i]; i++)
        buffer_printf(out, "  %s\n", p->rejects[i]);
    if (p->rejected > PLAN_REJECTS_SHOWN)
        buffer_printf(out, "  ... and %s more\n",
                      count_format(p->rejected - PLAN_REJECTS_SHOWN, a));
}

static void print_left_out(const struct left_out *o, struct buffer *out)
{
    char a[UNITS_TEXT_MAX];
    int64_t more = left_out_total(o) - (int64_t)o->shown_count;
    if (o->shown_count)
        buffer_put(out, "\nleft out, not looked at (a directory counts as one):\n");
    for (size_t i = 0; i < o->shown_count; i++)
        buffer_printf(out, "  %s: %s\n", text_show(o->shown[i].path),
                      left_out_why_text(o->shown[i].why));
    if (more > 0)
        buffer_printf(out, "  ... and %s more\n", count_format(more, a));
}

/* Pages that nobody could count, and why. */
static void print_unknown(const struct plan *p, struct buffer *out)
{
    char a[UNITS_TEXT_MAX], b[UNITS_TEXT_MAX];
    if (!p->uncounted)
        return;
    buffer_printf(out, "pages known   %12s   of %s documents\n",
                  count_format(p->pages - p->uncounted, a),
                  count_format(p->documents - p->uncounted, b));
    buffer_printf(out, "pages unknown %12s   documents, each taken as 1 page: %s\n",
                  count_format(p->uncounted, a),
                  page_helper_is_there() ? "they can't be parsed here"
                                         : "mindee-batch-tools isn't there");
}

static void print_credits(const struct plan *p, const struct batch_options *o, struct buffer *out)
{
    char cost[CREDITS_TEXT_MAX], price[CREDITS_TEXT_MAX];
    buffer_printf(out, "credits       %12s   ", credits_format(plan_cost(p, o), cost));
    if (o->spending.price.micro == CREDIT_MICROS)
        buffer_put(out, "a credit a page, by Mindee's default price\n");
    else
        buffer_printf(out, "at limits.credits_per_page = %s\n",
                      credits_plain(o->spending.price, price));
}

/* What would stop the run, or has stopped the one before it. */
static void print_stop(const struct plan *p, const struct batch_options *o, struct buffer *out)
{
    char a[CREDITS_TEXT_MAX], b[CREDITS_TEXT_MAX];
    struct credits cost = plan_cost(p, o);
    bool held = budget_holds(&o->spending.budget, &p->spent) != BUDGET_ALLOWS;
    enum budget_answer by = budget_ask(&o->spending.budget, &p->spent, cost);
    if (by == BUDGET_ALLOWS || p->documents == 0)
        return;
    bool month = by == BUDGET_MONTH_REACHED;
    buffer_printf(out, "note: limits.max_credits%s = %s ", month ? "_month" : "",
                  credits_plain(month ? o->spending.budget.month : o->spending.budget.count, a));
    if (held)
        buffer_put(out, "stopped a run: nothing is sent");
    else
        buffer_printf(out, "would stop the run before its end: %s left for %s",
                      credits_plain(budget_left(&o->spending.budget, &p->spent), a),
                      credits_plain(cost, b));
    buffer_put(out, held ? " until it is raised, or `run --budget-again` is said\n" : "\n");
}

static void print_budgets(const struct plan *p, const struct batch_options *o, struct buffer *out)
{
    buffer_put(out, "\n");
    budget_print(&o->spending.budget, &p->spent, &p->month, out);
    buffer_put(out,
               "Mindee itself doesn't stop a paid plan: what goes over it is billed. These are "
               "the only brakes.\n");
    print_stop(p, o, out);
    if (p->uncounted && !page_helper_is_there())
        buffer_put(out,
                   "warning: without mindee-batch-tools, which belongs beside mindee-batch or in "
                   "../libexec/mindee-batch,\nno pages of PDFs and TIFFs are known: the real cost "
                   "may be many times that\n");
}

void plan_print(const struct plan *p, const struct batch_options *o, struct buffer *out)
{
    char a[UNITS_TEXT_MAX], b[UNITS_TEXT_MAX];
    print_types(p, out);
    buffer_printf(out, "files         %12s\n", count_format(p->files, a));
    if (p->known)
        buffer_printf(out, "sent before   %12s   by an earlier run: not sent again\n",
                      count_format(p->known, a));
    if (p->dismissed)
        buffer_printf(out, "dismissed     %12s   settled by hand: not sent, until `retry FILE`\n",
                      count_format(p->dismissed, a));
    if (p->duplicates)
        buffer_printf(out, "duplicates    %12s   same content, sent once\n",
                      count_format(p->duplicates, a));
    if (p->rejected)
        buffer_printf(out, "rejected      %12s   listed below\n", count_format(p->rejected, a));
    if (p->broken)
        buffer_printf(out, "broken PDFs   %12s   sent all the same: Mindee decides\n",
                      count_format(p->broken, a));
    if (left_out_total(&p->left_out))
        buffer_printf(out, "left out      %12s   by the options of input: listed below\n",
                      count_format(left_out_total(&p->left_out), a));
    print_unknown(p, out);
    print_credits(p, o, out);
    if (o->post_per_minute)
        buffer_printf(out,
                      "time          %12s   until the last one is sent, at %u a minute; then its "
                      "processing\n",
                      p->seconds ? duration_format(p->seconds * 1000, b) : "at once",
                      o->post_per_minute);
    else
        buffer_printf(out, "time          %12s   no limit is set\n", "-");
    print_budgets(p, o, out);
    print_rejects(p, out);
    print_left_out(&p->left_out, out);
}
