/* See cutoff.h. */
#include "service/cutoff.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool closes_months(const struct calendar *c)
{
    for (size_t i = 0; i < c->rule_count; i++) {
        enum calendar_rule_kind kind = c->rules[i].kind;
        if (kind == RULE_LAST_DAY || kind == RULE_LAST_BUSINESS_DAY || kind == RULE_DAY)
            return true;
    }
    return false;
}

/* "2026-11" of "2026-12". */
static void month_before(char out[CALENDAR_PERIOD_MAX], const char *period)
{
    int year, month;
    if (sscanf(period, "%d-%d", &year, &month) != 2)
        return;
    snprintf(out, CALENDAR_PERIOD_MAX, "%04d-%02d", month == 1 ? year - 1 : year,
             month == 1 ? 12 : month - 1);
}

/* What a run of KIND in PERIOD counts to. */
static const char *counted_to(struct cutoff *c, enum calendar_rule_kind kind, const char *period)
{
    text_copy(c->text, sizeof c->text, period);
    if (c->late == LATE_SAME && kind == RULE_BUSINESS_DAY && c->calendar &&
        closes_months(c->calendar))
        month_before(c->text, period);
    return c->text;
}

const char *cutoff_period_of_run(struct cutoff *c)
{
    struct calendar_rule rule;
    struct error e;
    bool read = calendar_rule_parse(&rule, c->due->rule, strlen(c->due->rule), &e) == 0;
    return counted_to(c, read ? rule.kind : RULE_DAILY, c->due->period);
}

/* The first occurrence at AT or after it. */
static const char *of_the_next(struct cutoff *c, struct wall at)
{
    struct occurrence o;
    if (!c->calendar || !calendar_next(c->calendar, (struct wall){at.ms - 1}, &o))
        return c->due ? cutoff_period_of_run(c) : "";
    return counted_to(c, c->calendar->rules[o.rule].kind, o.period);
}

const char *cutoff_period(struct cutoff *c, struct wall arrived)
{
    struct wall now = clock_wall(c->clock);
    if (c->due && (c->late == LATE_SAME || arrived.ms <= c->due->at.ms))
        return cutoff_period_of_run(c);
    if (arrived.ms > now.ms)
        arrived = now;
    return of_the_next(c, arrived.ms > c->from.ms ? arrived : c->from);
}

const char *cutoff_period_of(void *ctx, const struct file_stamp *stamp)
{
    return cutoff_period(ctx, (struct wall){stamp->ctime_ns / 1000000});
}
