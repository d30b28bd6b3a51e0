/* Taxes, a row for each rate. Each row was rounded, so sums may miss by a unit for each. */
#include "review/check_parts.h"

/* Adds up what COLUMN gives of each row; false: one has none. */
static bool add_up(const struct invoice *v,
                   const struct amount *(*column)(const struct invoice_tax *), struct sum *out)
{
    *out = sum_zero();
    for (size_t i = 0; i < v->tax_count; i++) {
        const struct amount *a = column(&v->taxes[i]);
        if (a->state != AMOUNT_GIVEN)
            return false;
        sum_add(out, a->number);
    }
    return v->tax_count > 0 && !out->over;
}

static const struct amount *amount_of(const struct invoice_tax *t)
{
    return &t->amount;
}

static const struct amount *base_of(const struct invoice_tax *t)
{
    return &t->base;
}

static void check_sum(const struct check *k, enum check_code code, const char *what,
                      const struct amount *whole,
                      const struct amount *(*column)(const struct invoice_tax *))
{
    const struct invoice *v = k->invoice;
    struct sum sum, tolerance = halves_of_unit(2 * (int64_t)v->tax_count, v->decimals);
    char added[DECIMAL_TEXT_MAX], expected[DECIMAL_TEXT_MAX];
    if (whole->state != AMOUNT_GIVEN || v->record->taxes.cut || !add_up(v, column, &sum))
        return;
    struct sum difference = sum;
    sum_subtract(&difference, whole->number);
    if (difference.over || sum_within(&difference, &tolerance))
        return;
    findings_add(k->out, k->options, code, v->record->taxes.name, &difference.value, v->decimals,
                 "%s add up to %s, not %s", what, decimal_format(sum.value, v->decimals, added),
                 decimal_format(whole->number, v->decimals, expected));
}

/* Whether BASE times FACTOR is the amount; the difference in any case. */
static bool is_product(const struct invoice *v, const struct invoice_tax *t,
                       const struct sum *factor, struct sum *product, struct sum *difference)
{
    struct sum tolerance = halves_of_unit(4, v->decimals);
    *product = *factor;
    sum_multiply(product, t->base.number);
    *difference = sum_of(t->amount.number);
    sum_subtract(difference, product->value);
    difference->over = difference->over || product->over;
    return sum_within(difference, &tolerance);
}

static void check_product(const struct check *k, const struct invoice_tax *t)
{
    const struct invoice *v = k->invoice;
    const int d = v->decimals;
    char base[DECIMAL_TEXT_MAX], rate[DECIMAL_TEXT_MAX], result[DECIMAL_TEXT_MAX],
        amount[DECIMAL_TEXT_MAX];
    if (t->base.state != AMOUNT_GIVEN || t->rate.state != AMOUNT_GIVEN ||
        t->amount.state != AMOUNT_GIVEN)
        return;
    struct sum factor = rate_factor(t->rate.number, false), product, difference;
    struct sum percent = sum_of(decimal_of(1, 2)), other, ignored;
    if (is_product(v, t, &factor, &product, &difference))
        return;
    if (decimal_compare(t->rate.number, decimal_of(1, 0)) == 0 &&
        is_product(v, t, &percent, &other, &ignored))
        return; /* 1 is 100 percent by the rule; a tax of one percent is written so, too */
    const char *field = check_row_field(&v->record->taxes, t->n, NULL);
    if (difference.over) {
        findings_add(k->out, k->options, CHECK_NOT_COMPUTABLE, field, NULL, 0,
                     "base times rate has more digits than can be computed exactly");
        return;
    }
    findings_add(k->out, k->options, CHECK_TAX_PRODUCT, field, &difference.value, d,
                 "%s × %s = %s, not %s", decimal_format(t->base.number, d, base),
                 decimal_format(factor.value, 0, rate), decimal_format(product.value, d, result),
                 decimal_format(t->amount.number, d, amount));
}

void check_taxes(const struct check *k)
{
    const struct invoice *v = k->invoice;
    check_sum(k, CHECK_TAXES_SUM, "the taxes", &v->tax, amount_of);
    check_sum(k, CHECK_BASES_SUM, "the bases of the taxes", &v->net, base_of);
    for (size_t i = 0; i < v->tax_count; i++)
        check_product(k, &v->taxes[i]);
}
