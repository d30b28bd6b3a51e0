/* The calendar on standard input, for calendar_peer: a command a line, its answers on standard
 * output. Whatever goes wrong ends it.
 *
 *     zone NAME        weekend TEXT        holidays DATE...        policy 0..3        when TEXT
 *     offset SECONDS                       seconds east of UTC
 *     find DATE MINUTE                     the instant in seconds, and the fit
 *     walk SECONDS COUNT                   COUNT lines: the instant, the fit, the run's day,
 * period, rule; or "end" */
#include "calendar/calendar.h"
#include "calendar/zone_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct calendar *c;

static void use_zone(const char *name)
{
    struct buffer bytes;
    struct error e;
    buffer_init(&bytes, 0);
    int rc = zone_file_read(name, NULL, &bytes, &e);
    if (rc == 0)
        rc = zone_parse(&c->zone, bytes.data, bytes.len, &e);
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", name, e.text);
        exit(rc == ERR_NOT_FOUND ? 77 : 1);
    }
    buffer_release(&bytes);
}

static void use_holidays(char *text)
{
    struct error e;
    for (char *blank = text; (blank = strchr(blank, ' '));)
        *blank = '\n';
    REQUIRE(business_days_parse_holidays(&c->days, text, strlen(text), &e) == 0);
}

static void find(const char *text)
{
    struct civil date;
    enum zone_fit fit;
    REQUIRE(civil_parse(text, 10, &date) == 0);
    struct wall at = zone_find(&c->zone, date, atoi(text + 11), &fit);
    printf("%" PRId64 " %d\n", at.ms / 1000, fit);
}

static void walk(const char *text)
{
    char *rest;
    struct calendar_walk w;
    struct occurrence o;
    calendar_walk_begin(&w, c, (struct wall){strtoll(text, &rest, 10) * 1000});
    for (int left = atoi(rest); left > 0; left--) {
        char day[CIVIL_TEXT_MAX], name[CALENDAR_RULE_TEXT_MAX];
        if (!calendar_walk_next(&w, &o)) {
            puts("end");
            continue;
        }
        printf("%" PRId64 " %d %s %s %s\n", o.at.ms / 1000, o.fit, civil_format(o.date, day),
               o.period, calendar_rule_name(&c->rules[o.rule], name));
    }
}

static void obey(char *line)
{
    struct error e;
    char *rest = strchr(line, ' ');
    REQUIRE(rest != NULL);
    *rest++ = '\0';
    if (strcmp(line, "zone") == 0)
        use_zone(rest);
    else if (strcmp(line, "weekend") == 0)
        REQUIRE(business_days_parse_weekend(&c->days, rest, &e) == 0);
    else if (strcmp(line, "holidays") == 0)
        use_holidays(rest);
    else if (strcmp(line, "policy") == 0)
        c->on_holiday = (enum on_holiday)atoi(rest);
    else if (strcmp(line, "when") == 0)
        REQUIRE(calendar_parse(c, rest, &e) == 0);
    else if (strcmp(line, "offset") == 0)
        printf("%d\n", (int)zone_offset(&c->zone, (struct wall){atoll(rest) * 1000}));
    else if (strcmp(line, "find") == 0)
        find(rest);
    else if (strcmp(line, "walk") == 0)
        walk(rest);
    else
        REQUIRE(strcmp(line, "a command") == 0);
}

int main(void)
{
    static char line[1 << 20];
    c = calendar_new();
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        obey(line);
    }
    calendar_free(c);
    return 0;
}
