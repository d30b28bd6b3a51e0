/* calendar_rule.h - one item of schedule.when: which day of each month, week or day, at what time.
 * The manual of the rules is in calendar.h. */
#ifndef MB_CALENDAR_CALENDAR_RULE_H
#define MB_CALENDAR_CALENDAR_RULE_H

#include "calendar/business_days.h"

#include <stddef.h>

enum calendar_rule_kind {
    RULE_LAST_DAY,
    RULE_LAST_BUSINESS_DAY, /* n business days before it, 0: itself */
    RULE_BUSINESS_DAY,      /* the n-th of the month, from 1 */
    RULE_DAY,               /* of the month: n, 1 to 30 */
    RULE_WEEKLY,            /* n: enum weekday */
    RULE_DAILY,
};

struct calendar_rule {
    enum calendar_rule_kind kind;
    int n;
    int minute; /* since midnight */
};

enum { CALENDAR_RULE_TEXT_MAX = 40, CALENDAR_PERIOD_MAX = CIVIL_TEXT_MAX, BUSINESS_DAYS_MAX = 20 };

/* One item, as long as it says: 0, or ERR_USAGE with the item and what is accepted. */
MUST_CHECK int calendar_rule_parse(struct calendar_rule *r, const char *text, size_t len,
                                   struct error *e);

/* The rule as it is written in records: two texts that mean the same give the same name, which
 * calendar_rule_parse reads back. Returns OUT. */
const char *calendar_rule_name(const struct calendar_rule *r, char out[CALENDAR_RULE_TEXT_MAX]);

bool calendar_rule_equal(const struct calendar_rule *a, const struct calendar_rule *b);

/* Turns are what a rule has one day of: months, weeks or days, by their numbers (civil.h). */
int64_t calendar_rule_turn(const struct calendar_rule *r, int64_t day);

/* The day that the rule names in a turn, before anything moves it: true, or false if the month has
 * not so many business days. */
bool calendar_rule_day(const struct calendar_rule *r, const struct business_days *b, int64_t turn,
                       int64_t *day);

/* "2026-11", "2026-W48" or "2026-11-23": the turn's name. Returns OUT. */
const char *calendar_rule_period(const struct calendar_rule *r, int64_t turn,
                                 char out[CALENDAR_PERIOD_MAX]);

#endif
