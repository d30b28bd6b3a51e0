/* How much it is: by currency, by supplier. Amounts of different currencies are never added up. */
#include "report/html_sections.h"

#include "report/html_table.h"
#include "report/html_text.h"
#include "tables/currency.h"

#include <string.h>

static int decimals_of(const char *code)
{
    return currency_decimals(code, strlen(code));
}

static void put_code(struct buffer *out, const char *code)
{
    if (*code)
        html_text(out, code);
    else
        buffer_put(out, "no currency");
}

static void put_cell(struct buffer *out, const char *name, const char *class, struct decimal amount,
                     const char *code)
{
    buffer_printf(out, "<td class=\"%s\" data-l=\"%s\">", class, name);
    html_amount(out, amount, decimals_of(code));
    buffer_put(out, "</td>");
}

/* What of it is to be looked at first. */
static void put_open(struct buffer *out, const struct report_data *d,
                     const struct control_currency *c)
{
    const struct report_open_sum *sum = report_review_sum(&d->review, c->code);
    if (!d->review.known)
        return;
    buffer_put(out, "<td class=\"n\" data-l=\"Of it to review\">");
    if (sum) {
        html_amount(out, sum->total, decimals_of(c->code));
        buffer_put(out, " <span class=\"small\">(");
        html_count(out, sum->records);
        buffer_put(out, ")</span>");
    } else {
        buffer_put(out, "<span class=\"small\">none</span>");
    }
    buffer_put(out, "</td>");
}

static void put_currency(struct buffer *out, const struct report_data *d,
                         const struct control_currency *c)
{
    buffer_put(out, "<tr><th scope=\"row\">");
    put_code(out, c->code);
    buffer_put(out, "</th><td class=\"n\" data-l=\"Records\">");
    html_count(out, c->records);
    buffer_put(out, "</td>");
    put_cell(out, "Net", "n", c->net, c->code);
    put_cell(out, "Tax", "n", c->tax, c->code);
    put_cell(out, "Total", "n t", c->total, c->code);
    put_open(out, d, c);
    buffer_put(out, "</tr>\n");
}

void html_amounts(struct buffer *out, const struct report_data *d)
{
    static const char *const columns[] = {"-Currency", "=Records", "=Net",
                                          "=Tax",      "=Total",   "=Of it to review"};
    enum { WITH_REVIEW = sizeof columns / sizeof *columns };
    const struct control_totals *c = &d->control;
    if (c->currency_count == 0)
        return;
    html_heading(out, "amounts", "Amounts", -1);
    buffer_put(
        out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"amounts\">\n");
    html_table_begin(out, "amounts", "labels", "Amounts by currency", columns,
                     d->review.known ? WITH_REVIEW : WITH_REVIEW - 1);
    for (size_t i = 0; i < c->currency_count; i++)
        put_currency(out, d, &c->currencies[i]);
    html_table_end(out);
    if (c->not_summed) {
        buffer_put(out, "<p class=\"note\">");
        html_counted(out, c->not_summed, "amount is", "amounts are");
        buffer_put(out, " in no sum: no number, or one of more than 18 digits.</p>\n");
    }
    if (d->unreadable) {
        buffer_put(out, "<p class=\"note\">");
        html_counted(out, d->unreadable, "result", "results");
        buffer_put(out, " could not be read: not what Mindee's results are.</p>\n");
    }
}

/* --- suppliers --- */

static void put_sums(struct buffer *out, const struct report_supplier *s)
{
    for (size_t i = 0; i < s->sum_count; i++) {
        const struct report_supplier_sum *sum = &s->sums[i];
        buffer_put(out, i ? "<br>" : "");
        html_amount(out, sum->total, decimals_of(sum->code));
        buffer_put(out, "\xc2\xa0");
        put_code(out, sum->code);
    }
    if (s->not_summed) {
        buffer_printf(out, "%s<span class=\"small\">", s->sum_count ? "<br>" : "");
        html_counted(out, s->not_summed, "more", "more");
        buffer_put(out, "</span>");
    }
}

static void put_supplier(struct buffer *out, const struct report_supplier *s)
{
    char total[DECIMAL_TEXT_MAX];
    buffer_put(out, "<tr><td class=\"wide\"><bdi>");
    html_put(out, s->name, strlen(s->name), HTML_NAME_MOST);
    buffer_printf(out, "</bdi></td><td class=\"n\" data-v=\"%lld\">", (long long)s->records);
    html_count(out, s->records);
    buffer_put(out, "</td><td class=\"n\"");
    if (s->sum_count)
        buffer_printf(out, " data-v=\"%s\"", decimal_format(s->sums[0].total, 0, total));
    buffer_put(out, ">");
    put_sums(out, s);
    buffer_put(out, "</td></tr>\n");
}

static void put_rest(struct buffer *out, const struct report_data *d, size_t shown)
{
    int64_t all = report_suppliers_count(d->suppliers),
            unnamed = report_suppliers_unnamed(d->suppliers);
    if (all > (int64_t)shown) {
        buffer_put(out, "<p class=\"note\">The ");
        html_counted(out, (int64_t)shown, "supplier", "suppliers");
        buffer_put(out, " with the most documents, of ");
        html_count(out, all);
        buffer_put(out, "; all are in the workbook.</p>\n");
    }
    if (unnamed) {
        buffer_put(out, "<p class=\"note\">");
        html_counted(out, unnamed, "record names", "records name");
        buffer_put(out, " no supplier.</p>\n");
    }
}

void html_suppliers(struct buffer *out, const struct report_data *d)
{
    static const char *const columns[] = {"~Supplier", "#Records", "#Total"};
    size_t count;
    const struct report_supplier *const *list = report_suppliers_list(d->suppliers, &count);
    if (count == 0)
        return;
    html_heading(out, "suppliers", "Suppliers", report_suppliers_count(d->suppliers));
    html_table_begin(out, "suppliers", "", "Suppliers by number of records", columns,
                     sizeof columns / sizeof *columns);
    for (size_t i = 0; i < count; i++)
        put_supplier(out, list[i]);
    html_table_end(out);
    put_rest(out, d, count);
}
