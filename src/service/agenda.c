/* See agenda.h. Two walks over the same stretch of the calendar: the first finds, for each rule,
 * the newest occurrence without a row; the second gives the older ones theirs. The calendar is
 * walked from far enough back that a row is found for all that ever was due; a look costs a
 * look-up for each occurrence of two months. */
#include "service/agenda.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/exit_code.h"
#include "ledger/periods.h"

#include <string.h>

/* A rule's newest occurrence that has come, and whether it is to run. */
struct newest {
    struct wall since; /* the rule was asked for */
    struct occurrence o;
    bool any, open; /* there is one; it has no row */
};

struct look {
    const struct agenda *agenda;
    struct ledger *ledger;
    struct wall now;
    struct newest rules[CALENDAR_RULES_MAX];
};

static const char *rule_name(const struct look *look, size_t rule, char out[CALENDAR_RULE_TEXT_MAX])
{
    return calendar_rule_name(&look->agenda->calendar->rules[rule], out);
}

static struct wall look_back(const struct agenda *a, struct wall now)
{
    int64_t days = AGENDA_LOOK_BACK_DAYS * (int64_t)SECONDS_A_DAY * 1000;
    int64_t ms = a->catch_up_ms + AGENDA_GRACE_MS;
    return (struct wall){now.ms - (ms > days ? ms : days)};
}

static bool in_time(const struct look *look, struct wall at)
{
    const struct agenda *a = look->agenda;
    return look->now.ms - at.ms <= a->catch_up_ms + AGENDA_GRACE_MS ||
           (a->waited_from.ms && at.ms >= a->waited_from.ms);
}

/* Whether it counts: it has come, and after its rule was first asked for. */
static bool has_come(const struct look *look, const struct occurrence *o)
{
    return o->at.ms <= look->now.ms && o->at.ms > look->rules[o->rule].since.ms;
}

static int find_newest(struct look *look)
{
    const struct calendar *c = look->agenda->calendar;
    struct calendar_walk walk;
    struct occurrence o;
    char rule[CALENDAR_RULE_TEXT_MAX];
    for (size_t i = 0; i < c->rule_count; i++) {
        int n = ledger_rule_since(look->ledger, rule_name(look, i, rule), &look->rules[i].since);
        if (n < 0)
            return n;
    }
    calendar_walk_begin(&walk, c, look_back(look->agenda, look->now));
    while (calendar_walk_next(&walk, &o) && o.at.ms <= look->now.ms) {
        struct newest *r = &look->rules[o.rule];
        if (!has_come(look, &o))
            continue;
        r->o = o;
        r->any = true;
    }
    for (size_t i = 0; i < c->rule_count; i++) {
        struct newest *r = &look->rules[i];
        enum period_state state;
        if (!r->any)
            continue;
        int n = ledger_period_find(look->ledger, rule_name(look, i, rule), r->o.period, &state);
        if (n < 0)
            return n;
        r->open = n == 0;
    }
    return 0;
}

/* The oldest of the newest. */
static bool choose(struct look *look, struct due *due)
{
    const struct newest *chosen = NULL;
    for (size_t i = 0; i < look->agenda->calendar->rule_count; i++) {
        const struct newest *r = &look->rules[i];
        if (r->any && r->open && in_time(look, r->o.at) &&
            (!chosen || r->o.at.ms < chosen->o.at.ms))
            chosen = r;
    }
    if (!chosen)
        return false;
    rule_name(look, chosen->o.rule, due->rule);
    text_copy(due->period, sizeof due->period, chosen->o.period);
    due->at = chosen->o.at;
    due->resumed = false;
    return true;
}

static int interrupted(struct ledger *l, struct due *due)
{
    struct ledger_period p;
    int n = ledger_period_interrupted(l, &p);
    if (n != 1)
        return n;
    text_copy(due->rule, sizeof due->rule, p.rule);
    text_copy(due->period, sizeof due->period, p.period);
    due->at = p.due_at;
    due->resumed = true;
    return 1;
}

static int look_for(struct look *look, struct due *due)
{
    int n = look->agenda->held ? 0 : interrupted(look->ledger, due);
    if (n != 0 || !look->agenda->calendar)
        return n;
    n = find_newest(look);
    return n < 0 ? n : choose(look, due);
}

int agenda_due(const struct agenda *a, struct ledger *l, struct wall now, struct due *due)
{
    struct look look = {.agenda = a, .ledger = l, .now = now};
    return look_for(&look, due);
}

/* --- the rows --- */

static int pass(const struct look *look, const struct occurrence *o, enum period_state why)
{
    char rule[CALENDAR_RULE_TEXT_MAX], stamp[WALL_TEXT_MAX];
    enum period_state state;
    rule_name(look, o->rule, rule);
    int n = ledger_period_find(look->ledger, rule, o->period, &state);
    if (n != 0)
        return n < 0 ? n : 0;
    LOG(why == PERIOD_COVERED ? LOG_INFO : LOG_WARNING, "schedule.passed",
        LOG_STR("what", period_state_names[why]), LOG_STR("period", o->period),
        LOG_STR("rule", rule), LOG_STR("due", log_time(o->at, stamp)));
    n = ledger_period_pass(look->ledger, rule, o->period, o->at, why);
    if (n >= 0 && why == PERIOD_MISSED && look->agenda->missed)
        ++*look->agenda->missed;
    return n < 0 ? n : 1;
}

/* What came before the newest of its rule, and what nobody catches up any more. */
static int pass_the_others(const struct look *look)
{
    struct calendar_walk walk;
    struct occurrence o;
    int n = 0;
    calendar_walk_begin(&walk, look->agenda->calendar, look_back(look->agenda, look->now));
    while (n >= 0 && calendar_walk_next(&walk, &o) && o.at.ms <= look->now.ms) {
        const struct newest *r = &look->rules[o.rule];
        if (!has_come(look, &o))
            continue;
        if (o.at.ms < r->o.at.ms)
            n = pass(look, &o, in_time(look, o.at) || !r->open ? PERIOD_COVERED : PERIOD_MISSED);
        else if (r->open && !in_time(look, o.at))
            n = pass(look, &o, PERIOD_MISSED);
    }
    return n < 0 ? n : 0;
}

static bool is_asked_for(void *ctx, const char *rule)
{
    const struct look *look = ctx;
    char name[CALENDAR_RULE_TEXT_MAX];
    for (size_t i = 0; i < look->agenda->calendar->rule_count; i++)
        if (strcmp(rule_name(look, i, name), rule) == 0)
            return true;
    return false;
}

static int note_rules(struct look *look)
{
    char rule[CALENDAR_RULE_TEXT_MAX];
    int rc = ledger_rules_keep(look->ledger, is_asked_for, look);
    for (size_t i = 0; i < look->agenda->calendar->rule_count && rc == 0; i++)
        rc = ledger_rule_note(look->ledger, rule_name(look, i, rule));
    return rc;
}

/* What waited for a person waits no longer: another one is due. */
static int end_held(const struct agenda *a, struct ledger *l)
{
    struct ledger_period p;
    int n = a->held ? ledger_period_interrupted(l, &p) : 0;
    while (n == 1) {
        n = ledger_period_end(l, p.rule, p.period, EXIT_RESUMABLE);
        if (n == 0)
            n = ledger_period_interrupted(l, &p);
    }
    return n;
}

int agenda_take(const struct agenda *a, struct ledger *l, struct wall now, struct due *due)
{
    struct look look = {.agenda = a, .ledger = l, .now = now};
    enum period_begin how;
    int rc = a->calendar ? note_rules(&look) : 0;
    int n = rc == 0 ? look_for(&look, due) : rc;
    if (n == 1 && due->resumed)
        return 1;
    if (n >= 0 && a->calendar) {
        rc = pass_the_others(&look);
        n = rc < 0 ? rc : n;
    }
    if (n != 1)
        return n;
    rc = end_held(a, l);
    if (rc < 0)
        return rc;
    rc = ledger_period_begin(l, due->rule, due->period, due->at, &how);
    REQUIRE(rc < 0 || how == PERIOD_NEW);
    return rc < 0 ? rc : 1;
}

int agenda_skip(const struct agenda *a, struct ledger *l, struct wall began, struct wall now)
{
    struct look look = {.agenda = a, .ledger = l, .now = now};
    struct calendar_walk walk;
    struct occurrence o;
    int n = 0, count = 0;
    if (!a->calendar)
        return 0;
    calendar_walk_begin(&walk, a->calendar, began);
    while (n >= 0 && calendar_walk_next(&walk, &o) && o.at.ms <= now.ms) {
        n = pass(&look, &o, PERIOD_SKIPPED);
        count += n == 1;
    }
    return n < 0 ? n : count;
}
