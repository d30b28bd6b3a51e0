/* The schedule's occurrences, listed by hand: day after day, with timegm() and the weekday, for the
 * rules that the test uses. Summer time as the EU has it: from the last Sunday of March to that of
 * October, 01:00 UTC each; Paris is an hour, in summer two, ahead of UTC. */
#include "schedule_years.h"

#include "base/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400 };

static time_t day_start(int year, int month, int day)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return timegm(&tm);
}

static struct tm date_of(time_t s)
{
    struct tm tm;
    gmtime_r(&s, &tm);
    return tm;
}

static int days_in(int year, int month)
{
    return (int)((day_start(year, month + 1, 1) - day_start(year, month, 1)) / DAY_S);
}

static time_t change_utc(int year, int month)
{
    int day = days_in(year, month);
    while (date_of(day_start(year, month, day)).tm_wday != 0)
        day--;
    return day_start(year, month, day) + 3600;
}

/* LOCAL: the clocks' time as if it were UTC. */
static time_t instant(time_t local, bool *skipped, bool *twice)
{
    int year = date_of(local).tm_year + 1900;
    time_t spring = change_utc(year, 3), autumn = change_utc(year, 10);
    *skipped = local >= spring + 3600 && local < spring + 7200; /* 02:00 to 03:00 */
    *twice = local >= autumn + 3600 && local < autumn + 7200;
    if (*skipped)
        return spring;
    bool summer = local >= spring + 7200 && local < autumn + 7200;
    return local - (summer ? 7200 : 3600);
}

bool expected_is_holiday(int year, int month, int day)
{
    (void)year;
    return (month == 12 && day == 25) || (month == 1 && day == 1) || (month == 5 && day == 1) ||
           (month == 11 && day == 30);
}

static bool is_business_day(time_t s)
{
    struct tm tm = date_of(s);
    return tm.tm_wday != 0 && tm.tm_wday != 6 &&
           !expected_is_holiday(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* How many business days of its month come up to S, or from S on. */
static int rank(time_t s, int step)
{
    int month = date_of(s).tm_mon, n = 0;
    for (; date_of(s).tm_mon == month; s -= step)
        n += is_business_day(s);
    return n;
}

static bool is_the_day(const char *rule, time_t s)
{
    struct tm tm = date_of(s);
    int n;
    if (strncmp(rule, "daily", 5) == 0)
        return true;
    if (strncmp(rule, "weekly SUN", 10) == 0)
        return tm.tm_wday == 0;
    if (strncmp(rule, "last-business-day ", 18) == 0)
        return is_business_day(s) && rank(s, -DAY_S) == 1;
    if (sscanf(rule, "business-day+%d", &n) == 1)
        return is_business_day(s) && rank(s, DAY_S) == n;
    if (sscanf(rule, "day %d", &n) == 1)
        return tm.tm_mday == n ||
               (n > tm.tm_mday && tm.tm_mday == days_in(tm.tm_year + 1900, tm.tm_mon + 1));
    require_failed("a rule that isn't listed here", __FILE__, __LINE__);
}

static void name_period(const char *rule, time_t s, char out[24])
{
    struct tm tm = date_of(s);
    const char *format = strncmp(rule, "daily", 5) == 0    ? "%Y-%m-%d"
                         : strncmp(rule, "weekly", 6) == 0 ? "%G-W%V"
                                                           : "%Y-%m";
    REQUIRE(strftime(out, 24, format, &tm) > 0);
}

static int by_time(const void *a, const void *b)
{
    const struct year_due *x = a, *y = b;
    return x->at_ms < y->at_ms ? -1 : x->at_ms > y->at_ms;
}

void expected_list(struct year_batch *b, int64_t from_s, int64_t to_s)
{
    for (int r = 0; b->rules[r]; r++) {
        const char *rule = b->rules[r];
        int hour, minute;
        REQUIRE(sscanf(strrchr(rule, ' '), "%d:%d", &hour, &minute) == 2);
        for (time_t day = from_s / DAY_S * DAY_S; day <= to_s + DAY_S; day += DAY_S) {
            struct year_due *due = &b->dues[b->due_count];
            if (!is_the_day(rule, day))
                continue;
            int64_t at = instant(day + hour * 3600 + minute * 60, &due->skipped, &due->twice);
            if (at <= from_s || at > to_s)
                continue;
            REQUIRE(++b->due_count < YEARS_DUE_MAX);
            due->at_ms = at * 1000;
            snprintf(due->rule, sizeof due->rule, "%s", rule);
            name_period(rule, day, due->period);
        }
    }
    qsort(b->dues, (size_t)b->due_count, sizeof b->dues[0], by_time);
}
