/* civil.h - the Gregorian calendar as arithmetic: dates, day numbers, months, weeks.
 * No time zone, no clock.
 *
 * A day number counts days since 1970-01-01, a month number months since January of the year 0.
 * Years may be any that a day number of an instant gives; dates from outside are those that
 * civil_is_valid accepts. */
#ifndef MB_CALENDAR_CIVIL_H
#define MB_CALENDAR_CIVIL_H

#include "base/require.h"

#include <stdbool.h>
#include <stdint.h>

struct civil {
    int year, month, day; /* 2026, 1 to 12, 1 to 31 */
};

enum weekday { MONDAY = 1, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

enum { CIVIL_YEAR_MIN = 1970, CIVIL_YEAR_MAX = 9999, CIVIL_TEXT_MAX = 24, SECONDS_A_DAY = 86400 };

/* The quotient towards minus infinity; B is positive. */
static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

bool civil_is_leap_year(int year);
int civil_days_in_month(int year, int month);
bool civil_is_valid(struct civil date); /* a day that exists, in the years MIN to MAX */

int64_t civil_to_days(struct civil date);
struct civil civil_from_days(int64_t days);
enum weekday civil_weekday(int64_t days);

int64_t civil_month_number(int64_t days);
/* The first day of a month, as a day number; of the next month less one: the last. */
int64_t civil_month_start(int64_t month_number);

/* Weeks begin on Mondays, and are numbered from the one that holds 1970-01-01. */
int64_t civil_week_number(int64_t days);
int64_t civil_week_start(int64_t week_number);
/* The week as ISO 8601 counts it: 2027-01-01 is in week 53 of 2026. */
void civil_iso_week(int64_t days, int *year, int *week);

/* Exactly "2026-11-30", a date that civil_is_valid: 0 or ERR_FORMAT. */
MUST_CHECK int civil_parse(const char *text, size_t len, struct civil *out);
/* "2026-11-30". Returns OUT. */
const char *civil_format(struct civil date, char out[CIVIL_TEXT_MAX]);

/* "FRI" or "friday", in any case: 0 or ERR_FORMAT. */
MUST_CHECK int weekday_parse(const char *text, size_t len, enum weekday *out);
const char *weekday_name(enum weekday d); /* "FRI" */

#endif
