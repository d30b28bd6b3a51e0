/* Day numbers go by way of the number of days before a year, which is a sum of 365 a year and the
 * leap days; back again the year is guessed from its mean length and put right by one. */
#include "calendar/civil.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { EPOCH_DAYS = 719528 /* from 0000-01-01 to 1970-01-01 */ };

static const int before_month[2][13] = {
    {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366}};

bool civil_is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int civil_days_in_month(int year, int month)
{
    REQUIRE(month >= 1 && month <= 12);
    const int *before = before_month[civil_is_leap_year(year)];
    return before[month] - before[month - 1];
}

bool civil_is_valid(struct civil date)
{
    return date.year >= CIVIL_YEAR_MIN && date.year <= CIVIL_YEAR_MAX && date.month >= 1 &&
           date.month <= 12 && date.day >= 1 &&
           date.day <= civil_days_in_month(date.year, date.month);
}

/* Days from 1970-01-01 to the first of January; the year 0 is itself a leap year. */
static int64_t year_start(int64_t year)
{
    int64_t last = year - 1;
    int64_t leap_days = floor_div(last, 4) - floor_div(last, 100) + floor_div(last, 400) + 1;
    return year * 365 + leap_days - EPOCH_DAYS;
}

int64_t civil_to_days(struct civil date)
{
    REQUIRE(date.month >= 1 && date.month <= 12);
    return year_start(date.year) + before_month[civil_is_leap_year(date.year)][date.month - 1] +
           date.day - 1;
}

struct civil civil_from_days(int64_t days)
{
    int64_t year = floor_div((days + EPOCH_DAYS) * 400, 146097); /* days in 400 years */
    if (days < year_start(year))
        year--;
    else if (days >= year_start(year + 1))
        year++;
    int of_year = (int)(days - year_start(year)), month = 1;
    const int *before = before_month[civil_is_leap_year((int)year)];
    while (of_year >= before[month])
        month++;
    return (struct civil){(int)year, month, of_year - before[month - 1] + 1};
}

enum weekday civil_weekday(int64_t days)
{
    return (enum weekday)(days - civil_week_start(civil_week_number(days)) + MONDAY);
}

int64_t civil_month_number(int64_t days)
{
    struct civil date = civil_from_days(days);
    return (int64_t)date.year * 12 + date.month - 1;
}

int64_t civil_month_start(int64_t month_number)
{
    int year = (int)floor_div(month_number, 12);
    return civil_to_days((struct civil){year, (int)(month_number - (int64_t)year * 12) + 1, 1});
}

/* 1970-01-01 was a Thursday. */
int64_t civil_week_number(int64_t days)
{
    return floor_div(days + THURSDAY - MONDAY, 7);
}

int64_t civil_week_start(int64_t week_number)
{
    return week_number * 7 - (THURSDAY - MONDAY);
}

/* A week belongs to the year of its Thursday. */
void civil_iso_week(int64_t days, int *year, int *week)
{
    int64_t thursday = civil_week_start(civil_week_number(days)) + THURSDAY - MONDAY;
    *year = civil_from_days(thursday).year;
    *week = (int)((thursday - year_start(*year)) / 7) + 1;
}

static int digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int civil_parse(const char *text, size_t len, struct civil *out)
{
    if (len != strlen("2026-11-30") || text[4] != '-' || text[7] != '-')
        return ERR_FORMAT;
    struct civil date = {digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)};
    if (!civil_is_valid(date))
        return ERR_FORMAT;
    *out = date;
    return 0;
}

const char *civil_format(struct civil date, char out[CIVIL_TEXT_MAX])
{
    snprintf(out, CIVIL_TEXT_MAX, "%04d-%02u-%02u", date.year, (unsigned)date.month % 100,
             (unsigned)date.day % 100);
    return out;
}

static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};

int weekday_parse(const char *text, size_t len, enum weekday *out)
{
    for (int i = 0; i < 7; i++)
        if ((len == 3 || len == strlen(weekdays[i])) && strncasecmp(text, weekdays[i], len) == 0) {
            *out = (enum weekday)(i + MONDAY);
            return 0;
        }
    return ERR_FORMAT;
}

const char *weekday_name(enum weekday d)
{
    static const char *const names[] = {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"};
    REQUIRE(d >= MONDAY && d <= SUNDAY);
    return names[d - MONDAY];
}
