/* Lines. Their amounts may be with or without tax, so their sum is held against the net and the total; each of
 * them was rounded, which the tolerances allow for. A price that is printed with two decimals may stand for one of
 * more, so a large quantity moves the product further. */
#include "review/check_parts.h"

/* The lines' amounts added up, with their taxes if those are to be in; false: one has none. */
static bool add_up(const struct invoice *v, bool with_tax, struct sum *out)
{
    *out = sum_zero();
    for (size_t i = 0; i < v->line_count; i++) {
        const struct invoice_line *line = &v->lines[i];
        if (line->amount.state != AMOUNT_GIVEN || (with_tax && line->tax.state != AMOUNT_GIVEN))
            return false;
        sum_add(out, line->amount.number);
        if (with_tax)
            sum_add(out, line->tax.number);
    }
    return !out->over;
}

/* Whether SUM and those of MORE that are given come to WHOLE. */
static bool comes_to(const struct sum *sum, const struct amount *more, const struct amount *whole,
                     const struct sum *tolerance)
{
    struct sum difference = *sum;
    if (whole->state != AMOUNT_GIVEN)
        return false;
    if (more && more->state == AMOUNT_GIVEN)
        sum_add(&difference, more->number);
    sum_subtract(&difference, whole->number);
    return sum_within(&difference, tolerance);
}

static bool fits_anything(const struct invoice *v, const struct sum *sum,
                          const struct sum *tolerance)
{
    struct sum taxed;
    if (comes_to(sum, NULL, &v->net, tolerance) || comes_to(sum, NULL, &v->total, tolerance) ||
        comes_to(sum, &v->tip, &v->total, tolerance))
        return true;
    if (add_up(v, true, &taxed) && (comes_to(&taxed, NULL, &v->total, tolerance) ||
                                    comes_to(&taxed, &v->tip, &v->total, tolerance)))
        return true;
    return v->net.state == AMOUNT_NONE && comes_to(sum, &v->tax, &v->total, tolerance);
}

static void check_sum(const struct check *k)
{
    const struct invoice *v = k->invoice;
    struct sum sum, tolerance = halves_of_unit((int64_t)v->line_count + 1, v->decimals);
    char added[DECIMAL_TEXT_MAX], net[DECIMAL_TEXT_MAX], total[DECIMAL_TEXT_MAX];
    const bool has_net = v->net.state == AMOUNT_GIVEN, has_total = v->total.state == AMOUNT_GIVEN;
    if (v->line_count == 0 || k->invoice->record->lines.cut || (!has_net && !has_total) ||
        v->net.state == AMOUNT_BAD || v->total.state == AMOUNT_BAD || !add_up(v, false, &sum) ||
        fits_anything(v, &sum, &tolerance))
        return;
    const struct decimal nearest = has_net ? v->net.number : v->total.number;
    struct sum difference = sum;
    sum_subtract(&difference, nearest);
    if (difference.over)
        return;
    decimal_format(sum.value, v->decimals, added);
    decimal_format(v->net.number, v->decimals, net);
    decimal_format(v->total.number, v->decimals, total);
    findings_add(k->out, k->options, CHECK_LINES_SUM, v->record->lines.name, &difference.value,
                 v->decimals, "the lines add up to %s, not %s%s%s", added, has_net ? net : total,
                 has_net && has_total ? " or " : "", has_net && has_total ? total : "");
}

/* --- one line --- */

/* max(u, u/2 + |quantity| h): h is half of the last decimal of the price, at most half of u. */
static struct sum product_tolerance(const struct invoice *v, const struct invoice_line *line)
{
    const int scale = decimal_places(line->price.number);
    struct sum unit = halves_of_unit(2, v->decimals);
    struct sum most = halves_of_unit(1, scale > v->decimals ? scale : v->decimals);
    sum_multiply(&most, decimal_abs(line->quantity.number));
    sum_add(&most, halves_of_unit(1, v->decimals).value);
    return sum_within(&unit, &most) ? most : unit;
}

static void check_product(const struct check *k, const struct invoice_line *line)
{
    const struct invoice *v = k->invoice;
    const int d = v->decimals;
    char quantity[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX], product[DECIMAL_TEXT_MAX],
        amount[DECIMAL_TEXT_MAX];
    if (line->quantity.state != AMOUNT_GIVEN || line->price.state != AMOUNT_GIVEN ||
        line->amount.state != AMOUNT_GIVEN)
        return;
    struct sum tolerance = product_tolerance(v, line), net = sum_of(line->quantity.number);
    sum_multiply(&net, line->price.number);
    struct sum gross = net, difference = sum_of(line->amount.number);
    sum_subtract(&difference, net.value);
    const char *field = check_row_field(&v->record->lines, line->n, NULL);
    if (sum_within(&difference, &tolerance))
        return;
    if (line->rate.state == AMOUNT_GIVEN) {
        struct sum factor = rate_factor(line->rate.number, true);
        sum_multiply(&gross, factor.value);
        sum_subtract(&gross, line->amount.number);
        gross.over = gross.over || factor.over;
        if (sum_within(&gross, &tolerance))
            return;
    }
    if (gross.over || difference.over || tolerance.over) {
        findings_add(k->out, k->options, CHECK_NOT_COMPUTABLE, field, NULL, 0,
                     "quantity times price has more digits than can be computed exactly");
        return;
    }
    findings_add(k->out, k->options, CHECK_LINE_PRODUCT, field, &difference.value, d,
                 "%s × %s = %s, not %s", decimal_format(line->quantity.number, 0, quantity),
                 decimal_format(line->price.number, d, price),
                 decimal_format(net.value, d, product),
                 decimal_format(line->amount.number, d, amount));
}

void check_lines(const struct check *k)
{
    check_sum(k);
    for (size_t i = 0; i < k->invoice->line_count; i++)
        check_product(k, &k->invoice->lines[i]);
}
