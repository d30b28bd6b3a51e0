/* Dates. A document is stored in some time zone, so tomorrow's date is no fault. */
#include "review/check_parts.h"

#include "calendar/civil.h"

static void check_due(const struct check *k)
{
    const struct invoice *v = k->invoice;
    const int64_t days = k->options->due_days;
    char date[CIVIL_TEXT_MAX], due[CIVIL_TEXT_MAX];
    if (v->date.state != DAY_GIVEN || v->due.state != DAY_GIVEN)
        return;
    civil_format(civil_from_days(v->date.number), date);
    civil_format(civil_from_days(v->due.number), due);
    if (v->due.number < v->date.number)
        findings_add(k->out, k->options, CHECK_DUE_BEFORE_DATE, check_field(k, ROLE_DUE), NULL, 0,
                     "due %s, before its date %s", due, date);
    else if (v->due.number > v->date.number + days)
        findings_add(k->out, k->options, CHECK_DUE_LATE, check_field(k, ROLE_DUE), NULL, 0,
                     "due %s, %lld days after its date %s: more than %lld", due,
                     (long long)(v->due.number - v->date.number), date, (long long)days);
}

static void check_date(const struct check *k)
{
    const struct circumstances *c = k->circumstances;
    const int64_t day = k->invoice->date.number;
    char date[CIVIL_TEXT_MAX], one[CIVIL_TEXT_MAX], other[CIVIL_TEXT_MAX];
    if (k->invoice->date.state != DAY_GIVEN)
        return;
    civil_format(civil_from_days(day), date);
    if (day > c->stored_day + 1)
        findings_add(k->out, k->options, CHECK_DATE_FUTURE, check_field(k, ROLE_DATE), NULL, 0,
                     "dated %s, and stored on %s", date,
                     civil_format(civil_from_days(c->stored_day), one));
    if (!c->has_period)
        return;
    if (day > c->period_last)
        findings_add(k->out, k->options, CHECK_DATE_OUTSIDE, check_field(k, ROLE_DATE), NULL, 0,
                     "dated %s, after its period, which ends on %s", date,
                     civil_format(civil_from_days(c->period_last), one));
    else if (day < c->period_first - k->options->late_days)
        findings_add(k->out, k->options, CHECK_DATE_OUTSIDE, check_field(k, ROLE_DATE), NULL, 0,
                     "dated %s, more than %lld days before its period, which begins on %s", date,
                     (long long)k->options->late_days,
                     civil_format(civil_from_days(c->period_first), other));
}

void check_dates(const struct check *k)
{
    check_due(k);
    check_date(k);
}
