/* Values by themselves: those that should be there, those that no check can use, those Mindee isn't sure of. */
#include "review/check_parts.h"

void check_required(const struct check *k)
{
    const struct invoice *v = k->invoice;
    for (enum role role = 0; role < ROLE_SINGLE_COUNT; role++) {
        if (!k->options->required[role] || !invoice_lacks(v, role))
            continue;
        if (role == ROLE_CURRENCY && k->options->severities[CHECK_CURRENCY_MISSING] != SEVERITY_OFF)
            continue; /* has a code of its own */
        if (role == ROLE_NUMBER && v->is_receipt)
            continue;
        findings_add(k->out, k->options, CHECK_REQUIRED_MISSING, check_field(k, role), NULL, 0,
                     "there is no %s", role_name(role));
    }
}

/* --- not-computable --- */

static void tell_bad(const struct check *k, const char *field, const struct cell *cell,
                     const char *what)
{
    findings_add(k->out, k->options, CHECK_NOT_COMPUTABLE, field, NULL, 0, "%s is no %s",
                 check_value(cell), what);
}

static const char number_words[] = "number of at most 18 digits";

static void look_at_amount(const struct check *k, enum role role, const struct amount *a)
{
    if (a->state == AMOUNT_BAD)
        tell_bad(k, check_field(k, role), &k->invoice->record->values[role].cell, number_words);
}

static void look_at_day(const struct check *k, enum role role, const struct day *d)
{
    if (d->state == DAY_BAD)
        tell_bad(k, check_field(k, role), &k->invoice->record->values[role].cell,
                 "date like 2026-11-30");
}

/* The first bad value of each row: one reason a row. */
static void look_at_rows(const struct check *k, const struct role_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t c = 0; c < ROLE_LIST_COLUMNS; c++) {
            const struct cell *cell = &list->rows[i].cells[c];
            if (amount_read(cell).state != AMOUNT_BAD)
                continue;
            tell_bad(k, check_row_field(list, list->rows[i].n, list->columns[c]), cell,
                     number_words);
            break;
        }
    if (list->cut)
        findings_add(k->out, k->options, CHECK_NOT_COMPUTABLE, list->name, NULL, 0,
                     "more than %d rows: not added up", ROLE_ROWS_MAX);
}

void check_computable(const struct check *k)
{
    const struct invoice *v = k->invoice;
    look_at_amount(k, ROLE_NET, &v->net);
    look_at_amount(k, ROLE_TAX, &v->tax);
    look_at_amount(k, ROLE_TOTAL, &v->total);
    look_at_amount(k, ROLE_TIP, &v->tip);
    look_at_day(k, ROLE_DATE, &v->date);
    look_at_day(k, ROLE_DUE, &v->due);
    look_at_rows(k, &v->record->lines);
    look_at_rows(k, &v->record->taxes);
}

/* --- confidence --- */

void check_confidence(const struct check *k)
{
    const enum confidence least = k->options->least_confidence;
    for (enum role role = 0; role < ROLE_SINGLE_COUNT; role++) {
        const struct role_value *value = &k->invoice->record->values[role];
        if (!k->options->confidence_counts[role] || !value->confidence ||
            role_cell_empty(&value->cell))
            continue;
        if (confidence_named(value->confidence, value->confidence_len) >= least)
            continue;
        const struct cell word = {CELL_TEXT, value->confidence, value->confidence_len};
        findings_add(k->out, k->options, CHECK_CONFIDENCE, check_field(k, role), NULL, 0,
                     "%s: Mindee's confidence is %s, less than %s", check_value(&value->cell),
                     check_value(&word), confidence_name(least));
    }
}
