/* calendar.h - when a batch runs: the days and times that schedule.when names, as instants.
 *
 * Pure: no file, no clock. A struct calendar owns its zone and its business days, so each batch has
 * one of its own, and a reload makes a new one beside the old.
 *
 *     struct calendar *c = calendar_new();               UTC, Saturday and Sunday off, no rule
 *     rc = zone_parse(&c->zone, bytes, len, &e);                        schedule.timezone
 *     rc = business_days_parse_weekend(&c->days, text, &e);             schedule.weekend
 *     rc = business_days_parse_holidays(&c->days, bytes, len, &e);      schedule.holidays
 *     c->on_holiday = ON_HOLIDAY_RUN;                                   schedule.on_holiday
 *     rc = calendar_parse(c, "last-business-day 18:00, business-day+2 06:30", &e);
 *     rc = calendar_check(c, now, &e);
 *
 *     struct calendar_walk w;                            what was missed since LAST, up to now:
 *     calendar_walk_begin(&w, c, last);
 *     while (calendar_walk_next(&w, &o) && o.at.ms <= now.ms)
 *         ...
 *     calendar_free(c);
 *
 * The rules, each followed by a time of day, HH:MM from 00:00 to 23:59:
 *   last-day               the month's last day
 *   last-business-day      its last business day
 *   last-business-day-N    N business days before that one
 *   first-business-day     its first business day
 *   business-day+N         its N-th business day: business-day+1 is first-business-day
 *   day N                  that day of the month, or its last day if it is shorter; day 31 is
 *                          last-day
 *   weekly FRI             that weekday
 *   daily                  every day
 * N of the business days is 1 to 20; a month with fewer business days has no run by that rule, and
 * one without any has none by any of the four. Two rules that mean the same are refused.
 *
 * A business day is one that is neither of the weekend nor a holiday. Where a rule that isn't about
 * business days (last-day, day, weekly, daily) comes upon another day, on_holiday decides:
 *   run      all the same. The default: who means business days has words for them
 *   before   on the nearest business day before it, even in another month
 *   after    on the nearest one after it
 *   skip     not at all
 * Beyond BUSINESS_DAY_NEAR days nothing is near, and the run is skipped. For daily, before and
 * after do the same as skip: that day has its own run.
 *
 * Times are those of the zone. One that the clocks jump over runs when they jumped; one that they
 * show twice runs the first time.
 *
 * Every occurrence has a period, from the day that the rule names, wherever on_holiday moves it:
 * the month (2026-11), for weekly the ISO week (2026-W48), for daily the date (2026-11-23). A rule
 * has at most one occurrence in each of its periods. So (period, rule's name) names an occurrence
 * for ever, and one run for each such pair is one run for each occurrence, whatever happens to
 * clocks and processes. A rule at another time is another rule.
 *
 * What first-business-day and business-day+N name is in the month that has begun: on 2026-12-01 the
 * period is 2026-12, also where it collects what came late for November. Whoever counts late
 * documents to the month before (schedule.late) tells such runs by their rule's kind. */
#ifndef MB_CALENDAR_CALENDAR_H
#define MB_CALENDAR_CALENDAR_H

#include "calendar/calendar_rule.h"
#include "calendar/zone.h"

enum { CALENDAR_RULES_MAX = 32 };

enum on_holiday { ON_HOLIDAY_RUN, ON_HOLIDAY_BEFORE, ON_HOLIDAY_AFTER, ON_HOLIDAY_SKIP };

struct calendar {
    struct zone zone;
    struct business_days days;
    enum on_holiday on_holiday;
    struct calendar_rule rules[CALENDAR_RULES_MAX];
    size_t rule_count;
};

struct occurrence {
    size_t rule; /* its place in the calendar's rules */
    char period[CALENDAR_PERIOD_MAX];
    struct civil named; /* the day that the rule names */
    struct civil date;  /* where on_holiday puts it: the day of the run */
    int minute;         /* the time of the run, as the rule says it */
    enum zone_fit fit;  /* ZONE_SKIPPED: the clocks show a later time then */
    struct wall at;     /* the instant of the run */
};

struct calendar *calendar_new(void);
void calendar_free(struct calendar *c); /* NULL is allowed */

/* Replaces the rules by those of TEXT, separated by commas; "off" for none. 0, or ERR_USAGE with
 * the item that is wrong, and the rules as they were. */
MUST_CHECK int calendar_parse(struct calendar *c, const char *text, struct error *e);

/* Whether every rule has a run after NOW; ERR_USAGE names one that never has (weekly SAT with
 * ON_HOLIDAY_SKIP and Saturdays off; business-day+20 in weeks of four days). */
MUST_CHECK int calendar_check(const struct calendar *c, struct wall now, struct error *e);

/* The occurrences strictly after an instant, in order of their instants; those of one instant in
 * the order of the rules. The calendar must stay as it is while the walk is used. A walk needs no
 * release. Nothing is tried minute by minute: a step looks at one month, week or day, and at more
 * only where a rule skips some. */
struct calendar_walk {
    const struct calendar *calendar;
    struct {
        int64_t turn; /* which NEXT is of */
        bool over; /* nothing comes any more: not within 40 years, or not before the year 10000 */
        struct occurrence next;
    } rules[CALENDAR_RULES_MAX];
};
void calendar_walk_begin(struct calendar_walk *w, const struct calendar *c, struct wall after);
/* False: there are no more. */
bool calendar_walk_next(struct calendar_walk *w, struct occurrence *out);

/* The first one strictly after an instant; false if there is none. */
bool calendar_next(const struct calendar *c, struct wall after, struct occurrence *out);

#endif
