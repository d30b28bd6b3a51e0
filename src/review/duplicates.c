/* See duplicates.h. */
#include "review/duplicates.h"

#include "calendar/civil.h"
#include "tables/currency.h"

#include <stdlib.h>
#include <string.h>

void duplicate_keys_of(const struct invoice *v, struct duplicate_keys *out)
{
    const struct role_value *values = v->record->values;
    *out = (struct duplicate_keys){0};
    if (invoice_gives(v, ROLE_SUPPLIER))
        key_supplier(values[ROLE_SUPPLIER].cell.text, values[ROLE_SUPPLIER].cell.len,
                     out->supplier);
    if (invoice_gives(v, ROLE_VAT))
        key_vat(values[ROLE_VAT].cell.text, values[ROLE_VAT].cell.len, out->vat);
    if (invoice_gives(v, ROLE_IBAN))
        iban_normal(values[ROLE_IBAN].cell.text, values[ROLE_IBAN].cell.len, out->iban);
    if (invoice_gives(v, ROLE_NUMBER))
        key_number(values[ROLE_NUMBER].cell.text, values[ROLE_NUMBER].cell.len, &out->number);
    out->has_total = v->total.state == AMOUNT_GIVEN;
    out->total = v->total.number;
    memcpy(out->currency, v->currency, sizeof out->currency);
    out->has_day = v->date.state == DAY_GIVEN;
    out->day = v->date.number;
}

static bool agree(const char *a, const char *b)
{
    return *a && strcmp(a, b) == 0;
}

bool duplicate_same_supplier(const struct duplicate_keys *a, const struct duplicate_keys *b)
{
    if (*a->vat && *b->vat)
        return strcmp(a->vat, b->vat) == 0;
    return agree(a->iban, b->iban) || agree(a->supplier, b->supplier);
}

static bool totals_differ(const struct duplicate_keys *a, const struct duplicate_keys *b)
{
    return a->has_total && b->has_total && decimal_compare(a->total, b->total) != 0;
}

static bool same_total(const struct duplicate_keys *a, const struct duplicate_keys *b)
{
    return a->has_total && b->has_total && decimal_compare(a->total, b->total) == 0 &&
           agree(a->currency, b->currency);
}

static bool opposite_signs(const struct duplicate_keys *a, const struct duplicate_keys *b)
{
    return a->has_total && b->has_total && decimal_sign(a->total) * decimal_sign(b->total) < 0;
}

/* Numbers may have begun anew between the two. */
static bool another_year(const struct duplicate_keys *a, const struct duplicate_keys *b)
{
    if (!a->has_day || !b->has_day)
        return false;
    if (llabs(a->day - b->day) > DUPLICATE_YEAR_DAYS)
        return true;
    return civil_from_days(a->day).year != civil_from_days(b->day).year && totals_differ(a, b);
}

enum check_code duplicate_level(const struct duplicate_keys *earlier,
                                const struct duplicate_keys *later)
{
    if (!duplicate_same_supplier(earlier, later))
        return CHECK_COUNT;
    if (number_key_same(&earlier->number, &later->number)) {
        if (opposite_signs(earlier, later))
            return CHECK_COUNT;
        return another_year(earlier, later) ? CHECK_DUPLICATE_NUMBER_YEAR : CHECK_DUPLICATE_NUMBER;
    }
    if (!same_total(earlier, later) || !earlier->has_day || !later->has_day)
        return CHECK_COUNT;
    const bool near = number_key_near(&earlier->number, &later->number);
    const bool missing = !*earlier->number.shape || !*later->number.shape;
    if (earlier->day == later->day && (near || missing))
        return CHECK_DUPLICATE_AMOUNT;
    if (near && llabs(earlier->day - later->day) <= DUPLICATE_NEAR_DAYS)
        return CHECK_DUPLICATE_NEAR;
    return CHECK_COUNT;
}

int duplicate_gravity(enum check_code level)
{
    return level == CHECK_DUPLICATE_NUMBER || level == CHECK_DUPLICATE_AMOUNT ? 2 : 1;
}

static const char *number_words(const struct duplicate_keys *k)
{
    return *k->number.parts ? k->number.parts : "none";
}

void duplicate_tell(struct buffer *out, enum check_code level, const struct duplicate_keys *earlier,
                    const struct duplicate_keys *later)
{
    char total[DECIMAL_TEXT_MAX], day[CIVIL_TEXT_MAX], other_day[CIVIL_TEXT_MAX];
    const bool same_day = earlier->has_day && later->has_day && earlier->day == later->day;
    if (level == CHECK_DUPLICATE_NUMBER || level == CHECK_DUPLICATE_NUMBER_YEAR)
        buffer_printf(out, "one supplier, one number: %s", number_words(later));
    else
        buffer_printf(out, "one supplier, numbers %s and %s", number_words(earlier),
                      number_words(later));
    if (same_total(earlier, later))
        buffer_printf(out, ", %s %s",
                      decimal_format(later->total, currency_decimals(later->currency, 3), total),
                      later->currency);
    if (same_day)
        buffer_printf(out, ", dated %s", civil_format(civil_from_days(later->day), day));
    else if (earlier->has_day && later->has_day)
        buffer_printf(out, ", dated %s and %s", civil_format(civil_from_days(earlier->day), day),
                      civil_format(civil_from_days(later->day), other_day));
}
