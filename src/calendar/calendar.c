/* Each rule is followed by itself: from turn to turn (month, week or day), and for each turn the
 * day that it names, where that day goes, and the instant. A walk holds the next occurrence of each
 * rule and hands out the earliest. Within a rule the instants never go back, because neither the
 * step to a business day nor zone_find does; so a walk that begins early enough before an instant,
 * and drops what isn't after it, misses nothing.
 *
 * A rule can name nothing for a long time, or ever: BARREN turns of each kind are 40 years, more
 * than a whole cycle of weekdays and leap years, and more than the holidays there may be. */
#include "calendar/calendar.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    BARREN_MONTHS = 40 * 12,
    BARREN_WEEKS = 40 * 53,
    BARREN_DAYS = 40 * 366,
    EARLY_DAYS = BUSINESS_DAY_NEAR + 5, /* how far before its instant a day may have been named */
};

struct calendar *calendar_new(void)
{
    struct calendar *c = xcalloc(1, sizeof *c);
    zone_init_utc(&c->zone);
    business_days_init(&c->days);
    return c;
}

void calendar_free(struct calendar *c)
{
    if (!c)
        return;
    business_days_release(&c->days);
    free(c);
}

/* ---- the rules ---- */

static int add_rule(struct calendar_rule *rules, size_t *count, const char *text, size_t len,
                    struct error *e)
{
    struct calendar_rule r;
    char name[CALENDAR_RULE_TEXT_MAX];
    int rc = calendar_rule_parse(&r, text, len, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < *count; i++)
        if (calendar_rule_equal(&rules[i], &r))
            return error_set(e, ERR_USAGE, "\"%s\" is there twice: rules %zu and %zu mean the same",
                             calendar_rule_name(&r, name), i + 1, *count + 1);
    if (*count == CALENDAR_RULES_MAX)
        return error_set(e, ERR_USAGE, "more than %d rules", CALENDAR_RULES_MAX);
    rules[(*count)++] = r;
    return 0;
}

static bool is_off(const char *text)
{
    text += strspn(text, " \t\r\n");
    return strncasecmp(text, "off", 3) == 0 && text[3 + strspn(text + 3, " \t\r\n")] == '\0';
}

int calendar_parse(struct calendar *c, const char *text, struct error *e)
{
    struct calendar_rule rules[CALENDAR_RULES_MAX];
    size_t count = 0;
    bool more = !is_off(text);
    while (more) {
        size_t len = strcspn(text, ",");
        int rc = add_rule(rules, &count, text, len, e);
        if (rc < 0)
            return rc;
        more = text[len] == ',';
        text += len + 1;
    }
    memcpy(c->rules, rules, count * sizeof *rules);
    c->rule_count = count;
    return 0;
}

/* ---- a rule's occurrences ---- */

static bool about_business_days(const struct calendar_rule *r)
{
    return r->kind == RULE_LAST_BUSINESS_DAY || r->kind == RULE_BUSINESS_DAY;
}

/* Where the run of a day goes; false: nowhere. */
static bool place_day(const struct calendar *c, const struct calendar_rule *r, int64_t named,
                      int64_t *day)
{
    *day = named;
    if (c->on_holiday == ON_HOLIDAY_RUN || about_business_days(r) || business_day(&c->days, named))
        return true;
    if (c->on_holiday == ON_HOLIDAY_SKIP || r->kind == RULE_DAILY)
        return false;
    return business_day_near(&c->days, named, c->on_holiday == ON_HOLIDAY_AFTER ? 1 : -1, day);
}

/* The occurrence of TURN, if it has one. */
static bool occur(const struct calendar *c, size_t rule, int64_t turn, struct occurrence *out)
{
    const struct calendar_rule *r = &c->rules[rule];
    int64_t named, day;
    if (!calendar_rule_day(r, &c->days, turn, &named) || !place_day(c, r, named, &day))
        return false;
    *out = (struct occurrence){.rule = rule,
                               .named = civil_from_days(named),
                               .date = civil_from_days(day),
                               .minute = r->minute};
    calendar_rule_period(r, turn, out->period);
    out->at = zone_find(&c->zone, out->date, out->minute, &out->fit);
    return true;
}

static int barren_turns(const struct calendar_rule *r)
{
    return r->kind == RULE_DAILY    ? BARREN_DAYS
           : r->kind == RULE_WEEKLY ? BARREN_WEEKS
                                    : BARREN_MONTHS;
}

/* On to the rule's first occurrence of a later turn that is after AFTER, too. */
static void advance(struct calendar_walk *w, size_t rule, struct wall after)
{
    const struct calendar *c = w->calendar;
    struct occurrence *next = &w->rules[rule].next;
    int64_t turn = w->rules[rule].turn;
    static const struct civil end = {CIVIL_YEAR_MAX, 12, 31};
    int64_t last = calendar_rule_turn(&c->rules[rule], civil_to_days(end));
    for (int left = barren_turns(&c->rules[rule]); left > 0 && turn < last; left--)
        if (occur(c, rule, ++turn, next) && next->at.ms > after.ms) {
            w->rules[rule].turn = turn;
            return;
        }
    w->rules[rule].over = true;
}

void calendar_walk_begin(struct calendar_walk *w, const struct calendar *c, struct wall after)
{
    memset(w, 0, sizeof *w);
    w->calendar = c;
    int64_t day = floor_div(after.ms, INT64_C(1000) * SECONDS_A_DAY) - EARLY_DAYS;
    int64_t first = civil_to_days((struct civil){CIVIL_YEAR_MIN, 1, 1});
    int64_t last = civil_to_days((struct civil){CIVIL_YEAR_MAX, 12, 31});
    day = day < first ? first : day > last ? last : day;
    for (size_t i = 0; i < c->rule_count; i++) {
        w->rules[i].turn = calendar_rule_turn(&c->rules[i], day) - 1;
        advance(w, i, after);
    }
}

bool calendar_walk_next(struct calendar_walk *w, struct occurrence *out)
{
    size_t count = w->calendar->rule_count, earliest = count;
    for (size_t i = 0; i < count; i++)
        if (!w->rules[i].over &&
            (earliest == count || w->rules[i].next.at.ms < w->rules[earliest].next.at.ms))
            earliest = i;
    if (earliest == count)
        return false;
    *out = w->rules[earliest].next;
    advance(w, earliest, (struct wall){INT64_MIN});
    return true;
}

bool calendar_next(const struct calendar *c, struct wall after, struct occurrence *out)
{
    struct calendar_walk w;
    calendar_walk_begin(&w, c, after);
    return calendar_walk_next(&w, out);
}

int calendar_check(const struct calendar *c, struct wall now, struct error *e)
{
    struct calendar_walk w;
    char name[CALENDAR_RULE_TEXT_MAX];
    calendar_walk_begin(&w, c, now);
    for (size_t i = 0; i < c->rule_count; i++)
        if (w.rules[i].over)
            return error_set(e, ERR_USAGE,
                             "\"%s\" never comes: schedule.weekend, schedule.holidays and "
                             "schedule.on_holiday leave it no day",
                             calendar_rule_name(&c->rules[i], name));
    return 0;
}
