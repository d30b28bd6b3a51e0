/* The record's own amounts. Net, tax and tip may each be read right while the total isn't, so the text has all
 * figures. A total that is rounded for cash differs from the sum by at most half a step, and is a multiple of it. */
#include "review/check_parts.h"

#include <string.h>

static const struct decimal *cash_step(const struct check *k)
{
    const struct check_options *o = k->options;
    for (size_t i = 0; i < o->step_count; i++)
        if (k->invoice->currency[0] && strcmp(o->steps[i].currency, k->invoice->currency) == 0)
            return &o->steps[i].step;
    return NULL;
}

/* So many times ten; false: it doesn't fit. */
static bool scale_up(__int128 *units, int tens)
{
    for (; tens > 0; tens--)
        if (__builtin_mul_overflow(*units, (__int128)10, units))
            return false;
    return true;
}

static bool is_multiple(struct decimal total, struct decimal step)
{
    return scale_up(&total.units, step.scale - total.scale) &&
           scale_up(&step.units, total.scale - step.scale) && total.units % step.units == 0;
}

/* Whether a total that misses its sum by DIFFERENCE is rounded as cash is. */
static bool is_rounded(const struct check *k, const struct sum *difference)
{
    const struct decimal *step = cash_step(k);
    if (!step || !is_multiple(k->invoice->total.number, *step))
        return false;
    struct sum most = sum_of(*step);
    sum_multiply(&most, decimal_of(5, 1));
    return sum_within(difference, &most);
}

static void tell(const struct check *k, enum check_code code, const struct sum *difference,
                 bool tip)
{
    const struct invoice *v = k->invoice;
    const int d = v->decimals;
    char net[DECIMAL_TEXT_MAX], tax[DECIMAL_TEXT_MAX], tips[DECIMAL_TEXT_MAX],
        sum[DECIMAL_TEXT_MAX], total[DECIMAL_TEXT_MAX];
    struct sum added = sum_of(v->net.number);
    sum_add(&added, v->tax.number);
    if (tip)
        sum_add(&added, v->tip.number);
    findings_add(k->out, k->options, code, check_field(k, ROLE_TOTAL), &difference->value, d,
                 "%s + %s%s%s = %s, %s%s", decimal_format(v->net.number, d, net),
                 decimal_format(v->tax.number, d, tax), tip ? " + " : "",
                 tip ? decimal_format(v->tip.number, d, tips) : "",
                 decimal_format(added.value, d, sum),
                 code == CHECK_TOTAL_ROUNDED ? "rounded to " : "not ",
                 decimal_format(v->total.number, d, total));
}

static void check_sum(const struct check *k)
{
    const struct invoice *v = k->invoice;
    if (v->net.state != AMOUNT_GIVEN || v->tax.state != AMOUNT_GIVEN ||
        v->total.state != AMOUNT_GIVEN)
        return;
    const bool tip = v->tip.state == AMOUNT_GIVEN && decimal_sign(v->tip.number) != 0;
    struct sum tolerance = halves_of_unit(2 * k->options->tolerance, v->decimals);
    struct sum plain = sum_of(v->total.number);
    sum_subtract(&plain, v->net.number);
    sum_subtract(&plain, v->tax.number);
    struct sum tipped = plain;
    if (tip)
        sum_subtract(&tipped, v->tip.number);
    if (plain.over || tipped.over || sum_within(&plain, &tolerance) ||
        sum_within(&tipped, &tolerance))
        return;
    bool tip_rounds = is_rounded(k, &tipped), plain_rounds = is_rounded(k, &plain);
    if (tip_rounds || plain_rounds)
        tell(k, CHECK_TOTAL_ROUNDED, tip_rounds ? &tipped : &plain, tip && tip_rounds);
    else
        tell(k, CHECK_TOTAL_SUM, &tipped, tip);
}

/* A credit note may print its amounts without a sign, where its lines or its net have one. */
static bool is_marked(const struct invoice *v)
{
    if (v->net.state == AMOUNT_GIVEN && decimal_sign(v->net.number) < 0)
        return true;
    for (size_t i = 0; i < v->line_count; i++)
        if (v->lines[i].amount.state == AMOUNT_GIVEN && decimal_sign(v->lines[i].amount.number) < 0)
            return true;
    return false;
}

static void check_sign(const struct check *k)
{
    const struct invoice *v = k->invoice;
    char total[DECIMAL_TEXT_MAX];
    if (v->total.state != AMOUNT_GIVEN)
        return;
    int sign = decimal_sign(v->total.number);
    decimal_format(v->total.number, v->decimals, total);
    if (sign == 0)
        findings_add(k->out, k->options, CHECK_TOTAL_ZERO, check_field(k, ROLE_TOTAL), NULL, 0,
                     "the total is %s", total);
    else if (v->is_credit && sign > 0 && !is_marked(v))
        findings_add(k->out, k->options, CHECK_SIGN, check_field(k, ROLE_TOTAL), NULL, 0,
                     "a credit note, and its total is %s: not below zero", total);
    else if (!v->is_credit && sign < 0)
        findings_add(k->out, k->options, CHECK_SIGN, check_field(k, ROLE_TOTAL), NULL, 0,
                     "the total is %s, and it is no credit note", total);
}

void check_totals(const struct check *k)
{
    check_sum(k);
    check_sign(k);
}
