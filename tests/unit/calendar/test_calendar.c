/* Schedules against tables worked out by hand, a line for each run: its instant, its period, its
 * rule. 2026 begins on a Thursday, 2027 on a Friday, 2028 on a Saturday, 2100 on a Friday. */
#include "calendar/calendar.h"

#include "test.h"
#include "tzif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct calendar *c;
static struct error e;

static int set_up(void **state)
{
    (void)state;
    c = calendar_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    calendar_free(c);
    return 0;
}

static void rules(const char *text)
{
    if (calendar_parse(c, text, &e) != 0)
        fail_msg("%s", e.text);
}

static void weekend(const char *text)
{
    assert_int_equal(business_days_parse_weekend(&c->days, text, &e), 0);
}

static void holidays(const char *text)
{
    assert_int_equal(business_days_parse_holidays(&c->days, text, strlen(text), &e), 0);
}

/* Makes ZONE the calendar's; skips the test where the system has no such zone. */
static void zone(const char *name)
{
    if (!tzif_read_system(name, &c->zone)) {
        print_message("skipped: there is no %s in /usr/share/zoneinfo\n", name);
        skip();
    }
}

static struct wall instant(const char *text)
{
    struct wall at;
    assert_int_equal(wall_parse(text, &at), 0);
    return at;
}

static const char *line_of(const struct occurrence *o, char out[160])
{
    char at[WALL_TEXT_MAX], name[CALENDAR_RULE_TEXT_MAX];
    wall_format(o->at, at);
    snprintf(out, 160, "%.16s %s %s%s", at, o->period, calendar_rule_name(&c->rules[o->rule], name),
             o->fit == ZONE_SKIPPED ? " skipped"
             : o->fit == ZONE_TWICE ? " twice"
                                    : "");
    return out;
}

/* What comes after AFTER is what the LINES say, up to the NULL; the last of them, all there is. */
static void expect(const char *after, const char *const *lines)
{
    struct calendar_walk w;
    struct occurrence o;
    char line[160];
    calendar_walk_begin(&w, c, instant(after));
    for (; *lines; lines++) {
        if (strcmp(*lines, "nothing") == 0) {
            assert_false(calendar_walk_next(&w, &o));
            continue;
        }
        assert_true(calendar_walk_next(&w, &o));
        assert_string_equal(line_of(&o, line), *lines);
    }
}

#define EXPECT(after, ...) expect(after, (const char *const[]){__VA_ARGS__, NULL})

static void test_the_close(void **state)
{
    (void)state;
    zone("Europe/Paris");
    holidays("2026-12-25 Christmas\n2027-01-01 New Year\n");
    rules("last-business-day 18:00, first-business-day 06:30, business-day+2 06:30");
    EXPECT("2026-10-31T00:00:00Z", "2026-11-02T05:30 2026-11 first-business-day 06:30",
           "2026-11-03T05:30 2026-11 business-day+2 06:30",
           "2026-11-30T17:00 2026-11 last-business-day 18:00",
           "2026-12-01T05:30 2026-12 first-business-day 06:30",
           "2026-12-02T05:30 2026-12 business-day+2 06:30",
           "2026-12-31T17:00 2026-12 last-business-day 18:00",
           "2027-01-04T05:30 2027-01 first-business-day 06:30",
           "2027-01-05T05:30 2027-01 business-day+2 06:30",
           "2027-01-29T17:00 2027-01 last-business-day 18:00");
    /* Strictly after: at the instant itself it is over. */
    EXPECT("2026-11-30T16:59:59.999Z", "2026-11-30T17:00 2026-11 last-business-day 18:00");
    EXPECT("2026-11-30T17:00:00Z", "2026-12-01T05:30 2026-12 first-business-day 06:30");
}

static void test_last_business_days(void **state)
{
    (void)state;
    rules("last-business-day 18:00");
    static const char *const days[] = {"01-30", "02-27", "03-31", "04-30", "05-29", "06-30",
                                       "07-31", "08-31", "09-30", "10-30", "11-30", "12-31"};
    static const char *const friday_saturday[] = {"01-29", "02-26", "03-31", "04-30",
                                                  "05-31", "06-30", "07-30", "08-31",
                                                  "09-30", "10-29", "11-30", "12-31"};
    for (int round = 0; round < 2; round++) {
        struct calendar_walk w;
        struct occurrence o;
        weekend(round ? "fri,sat" : "sat,sun");
        calendar_walk_begin(&w, c, instant("2025-12-31T18:00:00Z"));
        for (int i = 0; i < 12; i++) {
            char line[160], expected[160];
            assert_true(calendar_walk_next(&w, &o));
            snprintf(expected, sizeof expected, "2026-%sT18:00 2026-%.2s last-business-day 18:00",
                     round ? friday_saturday[i] : days[i], days[i]);
            assert_string_equal(line_of(&o, line), expected);
        }
    }
}

static void test_friday_saturday(void **state)
{
    (void)state;
    weekend("fri,sat");
    rules("first-business-day 07:00, last-business-day-1 07:00");
    EXPECT("2026-04-20T00:00:00Z", "2026-04-29T07:00 2026-04 last-business-day-1 07:00",
           "2026-05-03T07:00 2026-05 first-business-day 07:00",  /* 1 and 2 May are the weekend */
           "2026-05-28T07:00 2026-05 last-business-day-1 07:00", /* Sunday the 31st is the last */
           "2026-06-01T07:00 2026-06 first-business-day 07:00",
           "2026-06-29T07:00 2026-06 last-business-day-1 07:00",
           "2026-07-01T07:00 2026-07 first-business-day 07:00",
           "2026-07-29T07:00 2026-07 last-business-day-1 07:00", /* the 30th is, a Thursday */
           "2026-08-02T07:00 2026-08 first-business-day 07:00");
}

/* The works are closed from Christmas Eve to the third. */
static void test_turn_of_the_year(void **state)
{
    (void)state;
    holidays("2026-12-24\n2026-12-25\n2026-12-28\n2026-12-29\n2026-12-30\n2026-12-31\n2027-01-01");
    rules("last-business-day 18:00, last-business-day-1 12:00, first-business-day 06:00, "
          "business-day+3 06:00, last-day 23:59");
    EXPECT("2026-12-05T00:00:00Z", "2026-12-22T12:00 2026-12 last-business-day-1 12:00",
           "2026-12-23T18:00 2026-12 last-business-day 18:00",
           "2026-12-31T23:59 2026-12 last-day 23:59",
           "2027-01-04T06:00 2027-01 first-business-day 06:00",
           "2027-01-06T06:00 2027-01 business-day+3 06:00",
           "2027-01-28T12:00 2027-01 last-business-day-1 12:00",
           "2027-01-29T18:00 2027-01 last-business-day 18:00",
           "2027-01-31T23:59 2027-01 last-day 23:59");
}

static void test_leap_years(void **state)
{
    (void)state;
    rules("last-day 00:00, last-business-day 01:00, day 29 02:00, day 30 03:00");
    EXPECT("2028-02-20T00:00:00Z", "2028-02-29T00:00 2028-02 last-day 00:00",
           "2028-02-29T01:00 2028-02 last-business-day 01:00",
           "2028-02-29T02:00 2028-02 day 29 02:00", "2028-02-29T03:00 2028-02 day 30 03:00",
           "2028-03-29T02:00 2028-03 day 29 02:00");
    EXPECT("2100-02-20T00:00:00Z", "2100-02-26T01:00 2100-02 last-business-day 01:00",
           "2100-02-28T00:00 2100-02 last-day 00:00", "2100-02-28T02:00 2100-02 day 29 02:00",
           "2100-02-28T03:00 2100-02 day 30 03:00", "2100-03-29T02:00 2100-03 day 29 02:00");
    rules("day 31 06:00"); /* a month's last day, in each */
    EXPECT("2026-01-31T06:00:00Z", "2026-02-28T06:00 2026-02 last-day 06:00",
           "2026-03-31T06:00 2026-03 last-day 06:00", "2026-04-30T06:00 2026-04 last-day 06:00");
}

static void test_weeks_and_days(void **state)
{
    (void)state;
    rules("weekly FRI 18:00, daily 06:00");
    EXPECT("2026-12-30T06:00:00Z", "2026-12-31T06:00 2026-12-31 daily 06:00",
           "2027-01-01T06:00 2027-01-01 daily 06:00", "2027-01-01T18:00 2026-W53 weekly FRI 18:00",
           "2027-01-02T06:00 2027-01-02 daily 06:00");
    EXPECT("2027-01-07T06:00:00Z", "2027-01-08T06:00 2027-01-08 daily 06:00",
           "2027-01-08T18:00 2027-W01 weekly FRI 18:00");
    EXPECT("2028-02-28T12:00:00Z", "2028-02-29T06:00 2028-02-29 daily 06:00",
           "2028-03-01T06:00 2028-03-01 daily 06:00");
    rules("weekly MON 00:00, weekly SUN 23:59");
    EXPECT("2024-12-22T23:59:00Z", "2024-12-23T00:00 2024-W52 weekly MON 00:00",
           "2024-12-29T23:59 2024-W52 weekly SUN 23:59",
           "2024-12-30T00:00 2025-W01 weekly MON 00:00",
           "2025-01-05T23:59 2025-W01 weekly SUN 23:59");
}

/* 15 February, March and November 2026 are Sundays, 15 August a Saturday; 15 July is given off. */
static void test_on_holiday(void **state)
{
    (void)state;
    static const struct {
        enum on_holiday policy;
        const char *lines[7];
    } table[] = {
        {ON_HOLIDAY_RUN,
         {"2026-02-15T06:00 2026-02 day 15 06:00", "2026-03-15T06:00 2026-03 day 15 06:00",
          "2026-04-15T06:00 2026-04 day 15 06:00", "2026-05-15T06:00 2026-05 day 15 06:00",
          "2026-06-15T06:00 2026-06 day 15 06:00", "2026-07-15T06:00 2026-07 day 15 06:00"}},
        {ON_HOLIDAY_BEFORE,
         {"2026-02-13T06:00 2026-02 day 15 06:00", "2026-03-13T06:00 2026-03 day 15 06:00",
          "2026-04-15T06:00 2026-04 day 15 06:00", "2026-05-15T06:00 2026-05 day 15 06:00",
          "2026-06-15T06:00 2026-06 day 15 06:00", "2026-07-14T06:00 2026-07 day 15 06:00"}},
        {ON_HOLIDAY_AFTER,
         {"2026-02-16T06:00 2026-02 day 15 06:00", "2026-03-16T06:00 2026-03 day 15 06:00",
          "2026-04-15T06:00 2026-04 day 15 06:00", "2026-05-15T06:00 2026-05 day 15 06:00",
          "2026-06-15T06:00 2026-06 day 15 06:00", "2026-07-16T06:00 2026-07 day 15 06:00"}},
        {ON_HOLIDAY_SKIP,
         {"2026-04-15T06:00 2026-04 day 15 06:00", "2026-05-15T06:00 2026-05 day 15 06:00",
          "2026-06-15T06:00 2026-06 day 15 06:00", "2026-09-15T06:00 2026-09 day 15 06:00",
          "2026-10-15T06:00 2026-10 day 15 06:00", "2026-12-15T06:00 2026-12 day 15 06:00"}},
    };
    holidays("2026-07-15");
    rules("day 15 06:00");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        c->on_holiday = table[i].policy;
        expect("2026-02-01T00:00:00Z", table[i].lines);
    }
}

/* A run that is moved keeps its period, in another month, week or year too. */
static void test_moved_over_a_border(void **state)
{
    (void)state;
    holidays("2027-01-01");
    c->on_holiday = ON_HOLIDAY_AFTER;
    rules("last-day 20:00, weekly FRI 20:00");
    EXPECT(
        "2026-12-30T00:00:00Z", "2026-12-31T20:00 2026-12 last-day 20:00",
        "2027-01-04T20:00 2026-W53 weekly FRI 20:00", "2027-01-08T20:00 2027-W01 weekly FRI 20:00",
        "2027-01-15T20:00 2027-W02 weekly FRI 20:00", "2027-01-22T20:00 2027-W03 weekly FRI 20:00",
        "2027-01-29T20:00 2027-W04 weekly FRI 20:00", "2027-02-01T20:00 2027-01 last-day 20:00");
    c->on_holiday = ON_HOLIDAY_BEFORE;
    rules("day 1 20:00");
    EXPECT("2026-12-02T00:00:00Z", "2026-12-31T20:00 2027-01 day 1 20:00",
           "2027-02-01T20:00 2027-02 day 1 20:00");
    /* Two weeks off: both their runs come on the first day after, in order of their weeks. */
    holidays("2026-08-03\n2026-08-04\n2026-08-05\n2026-08-06\n2026-08-07\n2026-08-10\n2026-08-11\n"
             "2026-08-12\n2026-08-13\n2026-08-14\n");
    c->on_holiday = ON_HOLIDAY_AFTER;
    rules("weekly WED 09:00");
    EXPECT("2026-08-01T00:00:00Z", "2026-08-17T09:00 2026-W32 weekly WED 09:00",
           "2026-08-17T09:00 2026-W33 weekly WED 09:00",
           "2026-08-19T09:00 2026-W34 weekly WED 09:00");
    /* Begun when the days named are past, and their runs still to come. */
    EXPECT("2026-08-17T08:59:59Z", "2026-08-17T09:00 2026-W32 weekly WED 09:00",
           "2026-08-17T09:00 2026-W33 weekly WED 09:00");
    /* For daily, the neighbour has its own run. */
    rules("daily 09:00");
    for (int policy = ON_HOLIDAY_BEFORE; policy <= ON_HOLIDAY_SKIP; policy++) {
        c->on_holiday = (enum on_holiday)policy;
        EXPECT("2026-07-30T10:00:00Z", "2026-07-31T09:00 2026-07-31 daily 09:00",
               "2026-08-17T09:00 2026-08-17 daily 09:00");
    }
}

static void test_no_business_days(void **state)
{
    (void)state;
    char off[32 * 11 + 1] = "";
    for (int day = 1; day <= 31; day++)
        snprintf(off + strlen(off), sizeof off - strlen(off), "2026-08-%02d\n", day);
    holidays(off);
    rules("last-business-day 18:00, business-day+2 06:00");
    EXPECT("2026-07-05T00:00:00Z", "2026-07-31T18:00 2026-07 last-business-day 18:00",
           "2026-09-02T06:00 2026-09 business-day+2 06:00");
    holidays("2026-03-02");
    rules("business-day+20 06:00"); /* February 2026 has exactly 20 */
    EXPECT("2026-01-29T00:00:00Z", "2026-02-27T06:00 2026-02 business-day+20 06:00",
           "2026-03-30T06:00 2026-03 business-day+20 06:00");
    holidays("2026-02-02");
    EXPECT("2026-01-29T00:00:00Z", "2026-03-27T06:00 2026-03 business-day+20 06:00");
    /* From the first of August on the nearest is 31 days away, and then it isn't near. */
    holidays(off);
    c->on_holiday = ON_HOLIDAY_AFTER;
    rules("day 1 06:00");
    EXPECT("2026-07-20T00:00:00Z", "2026-09-01T06:00 2026-08 day 1 06:00",
           "2026-09-01T06:00 2026-09 day 1 06:00");
    strcat(off, "2026-09-01\n");
    holidays(off);
    EXPECT("2026-07-20T00:00:00Z", "2026-09-02T06:00 2026-09 day 1 06:00");
}

static void test_never(void **state)
{
    (void)state;
    struct wall now = instant("2026-01-01T00:00:00Z");
    rules("last-day 18:00, weekly SAT 18:00");
    assert_int_equal(calendar_check(c, now, &e), 0);
    c->on_holiday = ON_HOLIDAY_SKIP;
    assert_int_equal(calendar_check(c, now, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "\"weekly SAT 18:00\""));
    EXPECT("2026-01-01T00:00:00Z", "2026-03-31T18:00 2026-03 last-day 18:00");
    rules("weekly SAT 18:00, weekly SUN 18:00");
    EXPECT("2026-01-01T00:00:00Z", "nothing", "nothing");
    weekend("fri,sat,sun");
    rules("business-day+20 06:00, last-business-day-19 06:00");
    assert_int_equal(calendar_check(c, now, &e), ERR_USAGE);
    EXPECT("2026-01-01T00:00:00Z", "nothing");
    rules("off");
    assert_int_equal(calendar_check(c, now, &e), 0);
    EXPECT("2026-01-01T00:00:00Z", "nothing");
}

static void test_clock_changes(void **state)
{
    (void)state;
    zone("Europe/Paris");
    rules("daily 02:30");
    EXPECT("2026-03-27T12:00:00Z", "2026-03-28T01:30 2026-03-28 daily 02:30",
           "2026-03-29T01:00 2026-03-29 daily 02:30 skipped",
           "2026-03-30T00:30 2026-03-30 daily 02:30");
    EXPECT("2026-10-23T12:00:00Z", "2026-10-24T00:30 2026-10-24 daily 02:30",
           "2026-10-25T00:30 2026-10-25 daily 02:30 twice",
           "2026-10-26T01:30 2026-10-26 daily 02:30");
    EXPECT("2026-10-25T00:30:00Z", "2026-10-26T01:30 2026-10-26 daily 02:30"); /* not again */
    rules("daily 03:00, daily 02:00, daily 02:59");
    EXPECT("2026-03-28T12:00:00Z", "2026-03-29T01:00 2026-03-29 daily 03:00",
           "2026-03-29T01:00 2026-03-29 daily 02:00 skipped",
           "2026-03-29T01:00 2026-03-29 daily 02:59 skipped",
           "2026-03-30T00:00 2026-03-30 daily 02:00");
    zone("Australia/Sydney");
    rules("last-business-day 18:00, daily 02:30");
    EXPECT("2026-10-02T20:00:00Z", "2026-10-03T16:00 2026-10-04 daily 02:30 skipped",
           "2026-10-04T15:30 2026-10-05 daily 02:30");
    EXPECT("2026-04-03T20:00:00Z", "2026-04-04T15:30 2026-04-05 daily 02:30 twice",
           "2026-04-05T16:30 2026-04-06 daily 02:30");
    rules("last-business-day 18:00");
    EXPECT("2026-09-01T00:00:00Z", "2026-09-30T08:00 2026-09 last-business-day 18:00",
           "2026-10-30T07:00 2026-10 last-business-day 18:00");
    zone("America/Sao_Paulo");
    rules("daily 00:00");
    EXPECT("2018-11-02T12:00:00Z", "2018-11-03T03:00 2018-11-03 daily 00:00",
           "2018-11-04T03:00 2018-11-04 daily 00:00 skipped",
           "2018-11-05T02:00 2018-11-05 daily 00:00");
    zone("Pacific/Apia"); /* no Friday, 2011-12-30: what belongs to it runs as Saturday begins */
    rules("daily 00:00, last-business-day 18:00, weekly FRI 06:00");
    EXPECT("2011-12-29T12:00:00Z", "2011-12-30T10:00 2011-12-30 daily 00:00 skipped",
           "2011-12-30T10:00 2011-12-31 daily 00:00",
           "2011-12-30T10:00 2011-12 last-business-day 18:00 skipped",
           "2011-12-30T10:00 2011-W52 weekly FRI 06:00 skipped",
           "2011-12-31T10:00 2012-01-01 daily 00:00");
    /* The date line: the last day of the year by the clocks there is not UTC's. */
    zone("Pacific/Kiritimati");
    rules("last-day 06:00, day 1 06:00");
    EXPECT("2026-12-30T15:59:59Z", "2026-12-30T16:00 2026-12 last-day 06:00",
           "2026-12-31T16:00 2027-01 day 1 06:00");
}

/* What an occurrence says besides: the day named, the day of the run. */
static void test_occurrence(void **state)
{
    (void)state;
    struct occurrence o;
    c->on_holiday = ON_HOLIDAY_AFTER;
    rules("daily 01:00, last-day 20:15");
    assert_true(calendar_next(c, instant("2026-01-31T12:00:00Z"), &o));
    assert_int_equal(o.rule, 0);
    assert_true(calendar_next(c, instant("2026-02-02T12:00:00Z"), &o));
    assert_int_equal(o.rule, 1);
    assert_string_equal(o.period, "2026-01");
    assert_int_equal(civil_to_days(o.named), civil_to_days((struct civil){2026, 1, 31}));
    assert_int_equal(civil_to_days(o.date), civil_to_days((struct civil){2026, 2, 2}));
    assert_int_equal(o.minute, 20 * 60 + 15);
}

/* At the ends of time, where an instant from a broken clock may be. */
static void test_ends(void **state)
{
    (void)state;
    struct occurrence o;
    rules("daily 12:00, weekly THU 12:00, last-day 12:00");
    static const int64_t early[] = {INT64_MIN, INT64_MIN / 2, -1};
    for (size_t i = 0; i < 3; i++) {
        assert_true(calendar_next(c, (struct wall){early[i]}, &o));
        assert_int_equal(o.at.ms, 12 * 3600000);
    }
    EXPECT("9999-12-30T12:00:00Z", "9999-12-31T12:00 9999-12-31 daily 12:00",
           "9999-12-31T12:00 9999-12 last-day 12:00", "nothing");
    assert_false(calendar_next(c, (struct wall){INT64_MAX}, &o));
}

/* A walk that is begun anew after each instant gives what one walk gives: nothing is lost or given
 * twice, whenever a program is started again. */
static void test_begun_anew(void **state)
{
    (void)state;
    struct calendar_walk w;
    struct occurrence o, again;
    zone("America/New_York");
    holidays("2026-11-26\n2026-12-25\n2027-01-01\n2027-02-15\n");
    c->on_holiday = ON_HOLIDAY_BEFORE;
    rules("last-business-day 18:00, business-day+1 18:00, last-day 18:00, weekly SUN 02:30, "
          "day 1 01:30, daily 01:30, last-business-day-3 00:00");
    struct wall last = instant("2026-10-01T00:00:00Z");
    calendar_walk_begin(&w, c, last);
    for (int i = 0; i < 400; i++) {
        assert_true(calendar_walk_next(&w, &o));
        assert_true(o.at.ms >= last.ms);
        if (o.at.ms > last.ms) { /* the first of its instant */
            assert_true(calendar_next(c, last, &again));
            assert_int_equal(again.at.ms, o.at.ms);
            assert_int_equal(again.rule, o.rule);
            assert_string_equal(again.period, o.period);
            assert_true(calendar_next(c, (struct wall){o.at.ms - 1}, &again));
            assert_int_equal(again.at.ms, o.at.ms);
        }
        last = o.at;
    }
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } same[] = {
        {"last-day 18:00", "last-day 18:00"},
        {"  Last-Business-Day \t 18:00 ", "last-business-day 18:00"},
        {"last-business-day-3 00:00", "last-business-day-3 00:00"},
        {"first-business-day 23:59", "first-business-day 23:59"},
        {"business-day+1 23:59", "first-business-day 23:59"},
        {"business-day+03 06:30", "business-day+3 06:30"},
        {"day 7 06:30", "day 7 06:30"},
        {"day 07 06:30", "day 7 06:30"},
        {"day 31 06:30", "last-day 06:30"},
        {"weekly friday 18:00", "weekly FRI 18:00"},
        {"weekly\nFri\n18:00", "weekly FRI 18:00"},
        {"daily 06:00", "daily 06:00"},
    };
    char name[CALENDAR_RULE_TEXT_MAX];
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        rules(same[i].text);
        assert_int_equal(c->rule_count, 1);
        assert_string_equal(calendar_rule_name(&c->rules[0], name), same[i].name);
        rules(same[i].name);
        assert_string_equal(calendar_rule_name(&c->rules[0], name), same[i].name);
    }
    rules("off");
    assert_int_equal(c->rule_count, 0);
    rules(" OFF ");
    assert_int_equal(c->rule_count, 0);
}

static void test_wrong_rules(void **state)
{
    (void)state;
    static const struct {
        const char *text, *item, *says;
    } wrong[] = {
        {"", "\"\"", "last-business-day 18:00"},
        {"daily 06:00,", "\"\"", "isn't a rule"},
        {"daily 06:00,,last-day 06:00", "\"\"", "isn't a rule"},
        {"daily 06:00, lst-day 18:00", "\"lst-day 18:00\"", "(nearest: last-day)"},
        {"monthly 06:00", "\"monthly 06:00\"", "business-day+N"},
        {"daily", "\"daily\"", "00:00 to 23:59"},
        {"daily 24:00", "\"daily 24:00\"", "00:00 to 23:59"},
        {"daily 06:60", "\"daily 06:60\"", "00:00 to 23:59"},
        {"daily 6:00", "\"daily 6:00\"", "00:00 to 23:59"},
        {"daily 06:00:00", "\"daily 06:00:00\"", "00:00 to 23:59"},
        {"daily 0600", "\"daily 0600\"", "00:00 to 23:59"},
        {"daily at 06:00", "\"daily at 06:00\"", "00:00 to 23:59"},
        {"daily 06:00 UTC", "\"daily 06:00 UTC\"", "one time"},
        {"last-day 1 06:00", "\"last-day 1 06:00\"", "one time"},
        {"06:00", "\"06:00\"", "isn't a rule"},
        {"day 06:00", "\"day 06:00\"", "day of the month is missing"},
        {"day 0 06:00", "\"day 0 06:00\"", "1 to 31"},
        {"day 32 06:00", "\"day 32 06:00\"", "1 to 31"},
        {"day 015 06:00", "\"day 015 06:00\"", "1 to 31"},
        {"day -1 06:00", "\"day -1 06:00\"", "1 to 31"},
        {"day 15", "\"day 15\"", "one time"},
        {"day 15 16 06:00", "\"day 15 16 06:00\"", "isn't a rule"},
        {"weekly 18:00", "\"weekly 18:00\"", "weekday is missing"},
        {"weekly FR 18:00", "\"weekly FR 18:00\"", "weekday is missing"},
        {"business-day+0 06:00", "\"business-day+0 06:00\"", "1 to 20"},
        {"business-day+21 06:00", "\"business-day+21 06:00\"", "1 to 20"},
        {"business-day+ 06:00", "\"business-day+ 06:00\"", "1 to 20"},
        {"last-business-day-x 06:00", "\"last-business-day-x 06:00\"", "1 to 20"},
        {"last-business-day+1 06:00", "\"last-business-day+1 06:00\"", "isn't a rule"},
        {"off, daily 06:00", "\"off\"", "isn't a rule"},
        {"\x1b[31m 06:00", "\\x1B", "isn't a rule"},
        {"daily 06:00, weekly FRI 18:00, daily 06:00", "\"daily 06:00\"", "rules 1 and 3"},
        {"first-business-day 06:00, business-day+1 06:00", "\"first-business-day 06:00\"", "twice"},
        {"last-day 06:00, day 31 06:00", "\"last-day 06:00\"", "twice"},
    };
    rules("daily 01:00, daily 02:00");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(calendar_parse(c, wrong[i].text, &e), ERR_USAGE);
        if (!strstr(e.text, wrong[i].item) || !strstr(e.text, wrong[i].says))
            fail_msg("%s: %s", wrong[i].text, e.text);
        assert_int_equal(c->rule_count, 2);
    }
    char many[CALENDAR_RULES_MAX * 16] = "daily 00:00";
    for (int i = 1; i < CALENDAR_RULES_MAX; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",daily 00:%02d", i);
    rules(many);
    assert_int_equal(c->rule_count, CALENDAR_RULES_MAX);
    strcat(many, ",daily 01:00");
    assert_int_equal(calendar_parse(c, many, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "more than 32 rules"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_close),
        TEST(test_last_business_days),
        TEST(test_friday_saturday),
        TEST(test_turn_of_the_year),
        TEST(test_leap_years),
        TEST(test_weeks_and_days),
        TEST(test_on_holiday),
        TEST(test_moved_over_a_border),
        TEST(test_no_business_days),
        TEST(test_never),
        TEST(test_clock_changes),
        TEST(test_occurrence),
        TEST(test_ends),
        TEST(test_begun_anew),
        TEST(test_names),
        TEST(test_wrong_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
