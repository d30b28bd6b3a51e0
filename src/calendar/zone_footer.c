/* The text is read from left to right by a cursor that any step can find wrong. The changes around
 * an instant are those of its year and two on either side, in order of time: a rule's hours can put
 * a change into another year than its own, never more than eight days away.
 *
 * Where the end of one year's summer time is the start of the next one's, it never ends (RFC 9636
 * writes a permanent one so): of two changes at one instant the start counts. */
#include "calendar/zone_footer.h"

#include "base/error.h"
#include "calendar/civil.h"

#include <ctype.h>
#include <string.h>

enum { HOUR_S = 3600, POSIX_HOURS = 24, RULE_HOURS = 167, YEARS = 5, CHANGES = 2 * YEARS };

struct cursor {
    const char *at, *end;
    bool wrong;
};

static bool take(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static void expect(struct cursor *c, char wanted)
{
    if (!take(c, wanted))
        c->wrong = true;
}

static int number(struct cursor *c, int low, int high)
{
    int value = 0, digits = 0;
    for (; c->at < c->end && isdigit((unsigned char)*c->at) && digits < 4; digits++)
        value = value * 10 + (*c->at++ - '0');
    if (!digits || value < low || value > high) {
        c->wrong = true;
        return low;
    }
    return value;
}

static bool in_name(char c, bool quoted)
{
    return isalpha((unsigned char)c) ||
           (quoted && (isdigit((unsigned char)c) || c == '+' || c == '-'));
}

/* Three letters or more; between < and > digits and signs too. */
static void skip_name(struct cursor *c)
{
    bool quoted = take(c, '<');
    const char *from = c->at;
    while (c->at < c->end && in_name(*c->at, quoted))
        c->at++;
    if (c->at - from < 3)
        c->wrong = true;
    if (quoted)
        expect(c, '>');
}

/* [+-]h[:m[:s]] in seconds. */
static int32_t clock_time(struct cursor *c, int most_hours)
{
    int sign = take(c, '-') ? -1 : 1;
    if (sign > 0)
        (void)take(c, '+');
    int32_t s = number(c, 0, most_hours) * HOUR_S;
    if (take(c, ':'))
        s += number(c, 0, 59) * 60;
    else
        return sign * s;
    if (take(c, ':'))
        s += number(c, 0, 59);
    return sign * s;
}

static struct zone_footer_date rule_date(struct cursor *c)
{
    struct zone_footer_date d = {.form = FOOTER_DAY, .time_s = 2 * HOUR_S};
    if (take(c, 'J')) {
        d.form = FOOTER_JULIAN;
        d.day = number(c, 1, 365);
    } else if (take(c, 'M')) {
        d.form = FOOTER_MONTH_WEEK;
        d.month = number(c, 1, 12);
        expect(c, '.');
        d.week = number(c, 1, 5);
        expect(c, '.');
        d.day = number(c, 0, 6);
    } else {
        d.day = number(c, 0, 365);
    }
    if (take(c, '/'))
        d.time_s = clock_time(c, RULE_HOURS);
    return d;
}

static bool offset_is_sane(int32_t s)
{
    return s >= ZONE_OFFSET_MIN_S && s <= ZONE_OFFSET_MAX_S;
}

int zone_footer_parse(struct zone_footer *f, const char *text, size_t len)
{
    struct cursor c = {text, text + len, false};
    memset(f, 0, sizeof *f);
    if (len == 0)
        return 0;
    skip_name(&c);
    f->standard_s = -clock_time(&c, POSIX_HOURS);
    if (!c.wrong && c.at < c.end) {
        f->changes = true;
        skip_name(&c);
        f->dst_s = f->standard_s + HOUR_S;
        if (c.at < c.end && *c.at != ',')
            f->dst_s = -clock_time(&c, POSIX_HOURS);
        expect(&c, ',');
        f->start = rule_date(&c);
        expect(&c, ',');
        f->end = rule_date(&c);
    }
    if (c.wrong || c.at != c.end || !offset_is_sane(f->standard_s) || !offset_is_sane(f->dst_s))
        return ERR_FORMAT;
    f->there = true;
    return 0;
}

static int64_t day_of(const struct zone_footer_date *d, int year)
{
    int64_t january = civil_to_days((struct civil){year, 1, 1});
    switch (d->form) {
    case FOOTER_JULIAN:
        return january + d->day - 1 + (civil_is_leap_year(year) && d->day >= 60);
    case FOOTER_DAY:
        return january + d->day;
    case FOOTER_MONTH_WEEK:
        break;
    }
    int64_t first = civil_to_days((struct civil){year, d->month, 1});
    int from_first = (d->day - (int)civil_weekday(first) % 7 + 7) % 7;
    int64_t day = first + from_first + 7 * (d->week - 1);
    return day < first + civil_days_in_month(year, d->month) ? day : day - 7;
}

struct change {
    int64_t at; /* UTC, in seconds */
    int32_t offset_s;
};

static void insert(struct change *changes, int *count, struct change c)
{
    int i = (*count)++;
    for (; i > 0 && changes[i - 1].at > c.at; i--)
        changes[i] = changes[i - 1];
    changes[i] = c;
}

static void changes_around(const struct zone_footer *f, int64_t utc_s, struct change out[CHANGES])
{
    int first = civil_from_days(floor_div(utc_s, SECONDS_A_DAY)).year - YEARS / 2, count = 0;
    for (int i = 0; i < YEARS; i++) {
        int64_t start =
            day_of(&f->start, first + i) * SECONDS_A_DAY + f->start.time_s - f->standard_s;
        int64_t end = day_of(&f->end, first + i) * SECONDS_A_DAY + f->end.time_s - f->dst_s;
        insert(out, &count, (struct change){end, f->standard_s});
        insert(out, &count, (struct change){start, f->dst_s});
    }
}

int32_t zone_footer_offset(const struct zone_footer *f, int64_t utc_s)
{
    struct change changes[CHANGES];
    int32_t offset_s = f->standard_s;
    if (!f->changes)
        return offset_s;
    changes_around(f, utc_s, changes);
    for (int i = 0; i < CHANGES && changes[i].at <= utc_s; i++)
        offset_s = changes[i].offset_s;
    return offset_s;
}

int64_t zone_footer_next(const struct zone_footer *f, int64_t utc_s)
{
    struct change changes[CHANGES];
    if (!f->changes)
        return INT64_MAX;
    changes_around(f, utc_s, changes);
    for (int i = 0; i < CHANGES; i++)
        if (changes[i].at > utc_s)
            return changes[i].at;
    return INT64_MAX;
}
