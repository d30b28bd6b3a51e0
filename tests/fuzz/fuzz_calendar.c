/* Any bytes as a time zone, any text as schedule.when, schedule.weekend and a file of holidays:
 * each refused with a word, or taken; and whatever was taken, the walk goes forward, gives each
 * period of a rule once, gives the same when it is begun anew, and comes to an end.
 *
 * The input: a byte of policy; a byte and as much text for `when`; the same for the weekend; two
 * bytes and as much for the holidays; the rest is the zone. */
#include "calendar/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at;
    size_t left;
};

static unsigned byte(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

/* The next LEN bytes, or what is left, in memory of exactly that size and a NUL. */
static char *piece(struct input *in, size_t len, size_t *got)
{
    *got = len < in->left ? len : in->left;
    char *text = xcalloc(1, *got + 1);
    memcpy(text, in->at, *got);
    in->at += *got;
    in->left -= *got;
    return text;
}

static void check_error(int rc, const struct error *e)
{
    REQUIRE(rc < 0 && e->code == rc && e->text[0] != '\0' && strchr(e->text, '\n') == NULL);
}

/* The minute that the clocks show at an instant has begun then. */
static void check_instant(const struct zone *z, int64_t utc_s)
{
    struct zone_time t, found_time;
    struct wall at = {utc_s * 1000};
    enum zone_fit fit;
    char text[ZONE_TIME_TEXT_MAX];
    zone_show(z, at, &t);
    REQUIRE(strlen(zone_time_format(&t, text)) < ZONE_TIME_TEXT_MAX);
    if (t.date.year < 1 || t.date.year > 10000)
        return;
    struct wall found = zone_find(z, t.date, t.hour * 60 + t.minute, &fit);
    REQUIRE(found.ms <= at.ms);
    zone_show(z, found, &found_time);
    int64_t asked = civil_to_days(t.date) * 1440 + t.hour * 60 + t.minute;
    int64_t shown =
        civil_to_days(found_time.date) * 1440 + found_time.hour * 60 + found_time.minute;
    REQUIRE(fit == ZONE_SKIPPED ? shown >= asked : shown == asked && found_time.second == 0);
}

static void check_zone(const struct zone *z)
{
    static const int64_t others[] = {INT64_MIN / 1000, -1,         0,
                                     1790000000,       4102444800, INT64_MAX / 1000};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check_instant(z, others[i]);
    for (size_t i = 0; i < z->count && i < 50; i++)
        if (z->at[i] > INT64_MIN / 1000 && z->at[i] < INT64_MAX / 1000) {
            check_instant(z, z->at[i] - 1);
            check_instant(z, z->at[i]);
            check_instant(z, z->at[i] + 1800);
        }
}

static void check_names(const struct calendar *c)
{
    for (size_t i = 0; i < c->rule_count; i++) {
        char name[CALENDAR_RULE_TEXT_MAX];
        struct calendar_rule again;
        struct error e;
        calendar_rule_name(&c->rules[i], name);
        REQUIRE(calendar_rule_parse(&again, name, strlen(name), &e) == 0);
        REQUIRE(calendar_rule_equal(&again, &c->rules[i]));
    }
}

static void check_walk(const struct calendar *c, struct wall after)
{
    static char periods[CALENDAR_RULES_MAX][CALENDAR_PERIOD_MAX];
    struct calendar_walk w;
    struct occurrence o, again;
    struct wall last = after;
    memset(periods, 0, sizeof periods);
    calendar_walk_begin(&w, c, after);
    for (int i = 0; i < 50 && calendar_walk_next(&w, &o); i++) {
        REQUIRE(o.at.ms > after.ms && o.at.ms >= last.ms && o.rule < c->rule_count);
        REQUIRE(strcmp(o.period, periods[o.rule]) > 0);
        memcpy(periods[o.rule], o.period, sizeof o.period);
        if (o.at.ms > last.ms) {
            REQUIRE(calendar_next(c, last, &again));
            REQUIRE(again.at.ms == o.at.ms && again.rule == o.rule);
            REQUIRE(strcmp(again.period, o.period) == 0);
        }
        last = o.at;
    }
}

static void fill(struct calendar *c, struct input *in)
{
    struct error e;
    size_t len;
    c->on_holiday = (enum on_holiday)(byte(in) % 4);
    char *text = piece(in, byte(in), &len);
    int rc = calendar_parse(c, text, &e);
    if (rc != 0)
        check_error(rc, &e);
    free(text);
    text = piece(in, byte(in), &len);
    rc = business_days_parse_weekend(&c->days, text, &e);
    if (rc != 0)
        check_error(rc, &e);
    free(text);
    size_t high = byte(in);
    text = piece(in, high << 8 | byte(in), &len);
    rc = business_days_parse_holidays(&c->days, text, len, &e);
    if (rc != 0)
        check_error(rc, &e);
    free(text);
    text = malloc(in->left + !in->left);
    memcpy(text, in->at, in->left);
    rc = zone_parse(&c->zone, text, in->left, &e);
    if (rc != 0)
        check_error(rc, &e);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct calendar *c = calendar_new();
    struct error e;
    fill(c, &in);
    check_names(c);
    check_zone(&c->zone);
    check_walk(c, (struct wall){INT64_C(1790000000000)});
    check_walk(c, (struct wall){(int64_t)size * 86400000 * 37});
    int rc = calendar_check(c, (struct wall){0}, &e);
    if (rc != 0)
        check_error(rc, &e);
    calendar_free(c);
    return 0;
}
