/* mindee-batch schedule: the next runs of all batches, as dates, in the order of their instants. It
 * needs no key, no ledger and no documents: what it shows follows from the options alone.
 *
 * Each batch with a schedule is a source of occurrences, and the earliest of their next ones is
 * taken until there are enough. What a calendar can't know is said:
 * holidays behind the last one of the file. */
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "config/schedule_options.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct schedule_asked {
    const char *next;
    const char *from;
    bool json;
};

enum { NEXT_DEFAULT = 12, NEXT_MAX = 1000, NOTE_MAX = 160, STAMP_MAX = 40 };

struct source {
    const struct config *config;
    const char *batch; /* NULL: there are no batches */
    struct calendar *calendar;
    struct calendar_walk walk;
    struct occurrence next;
    bool over;
    int64_t last_day; /* of what was taken, as a day number; -1: nothing was */
};

struct row {
    const struct source *source;
    struct occurrence run;
    char rule[CALENDAR_RULE_TEXT_MAX], note[NOTE_MAX];
    char shown[ZONE_TIME_TEXT_MAX]; /* "MON 2026-11-30 18:00 +01:00" */
    char local[STAMP_MAX], utc[WALL_TEXT_MAX];
};

struct timetable {
    struct source *sources;
    size_t source_count;
    struct row *rows;
    size_t row_count;
};

static void put_note(struct row *r)
{
    const struct calendar *c = r->source->calendar;
    const struct occurrence *o = &r->run;
    int64_t named = civil_to_days(o->named);
    char day[CIVIL_TEXT_MAX], moved[80] = "", clocks[80] = "";
    if (named != civil_to_days(o->date)) {
        bool weekend = (c->days.weekend >> civil_weekday(named) & 1) == 1;
        snprintf(moved, sizeof moved, "instead of %s %s, a %s", weekday_name(civil_weekday(named)),
                 civil_format(o->named, day), weekend ? "weekend's day" : "holiday");
    }
    if (o->fit != ZONE_ONCE)
        snprintf(clocks, sizeof clocks, "%02d:%02d %s", o->minute / 60, o->minute % 60,
                 o->fit == ZONE_SKIPPED ? "doesn't exist on that day: at the next time that does"
                                        : "comes twice on that day: at the first");
    snprintf(r->note, sizeof r->note, "%s%s%s", moved, *moved && *clocks ? "; " : "", clocks);
}

static void fill_row(struct row *r, struct source *s)
{
    struct zone_time t;
    char date[CIVIL_TEXT_MAX];
    r->source = s;
    r->run = s->next;
    s->last_day = civil_to_days(s->next.date);
    zone_show(&s->calendar->zone, r->run.at, &t);
    zone_time_format(&t, r->shown);
    int minutes = t.offset_s / 60;
    snprintf(r->local, sizeof r->local, "%sT%02d:%02d:%02d%c%02d:%02d", civil_format(t.date, date),
             t.hour, t.minute, t.second, minutes < 0 ? '-' : '+', abs(minutes) / 60,
             abs(minutes) % 60);
    wall_format(r->run.at, r->utc);
    calendar_rule_name(&s->calendar->rules[r->run.rule], r->rule);
    put_note(r);
}

/* The earliest of what comes next; of equal ones the first in the file's order. */
static struct source *earliest(const struct timetable *t)
{
    struct source *found = NULL;
    for (struct source *s = t->sources; s < t->sources + t->source_count; s++)
        if (!s->over && (!found || s->next.at.ms < found->next.at.ms))
            found = s;
    return found;
}

static void fill(struct timetable *t, size_t count)
{
    struct source *s;
    while (t->row_count < count && (s = earliest(t)) != NULL) {
        fill_row(&t->rows[t->row_count++], s);
        s->over = !calendar_walk_next(&s->walk, &s->next);
    }
}

/* A configuration without a schedule adds nothing. */
static int add_source(struct timetable *t, const struct config *c, const char *batch,
                      const struct civil *from, struct error *e)
{
    struct source *s = &t->sources[t->source_count];
    int rc = schedule_read(&s->calendar, c, e);
    if (rc < 0 || !s->calendar)
        return rc;
    struct wall after = clock_wall(&system_clock);
    if (from) /* the first instant of that day counts */
        after.ms = zone_find(&s->calendar->zone, *from, 0, NULL).ms - 1;
    s->config = c;
    s->batch = batch;
    s->last_day = -1;
    t->source_count++;
    calendar_walk_begin(&s->walk, s->calendar, after);
    s->over = !calendar_walk_next(&s->walk, &s->next);
    return 0;
}

static int add_sources(struct timetable *t, const struct command_line *cl, const struct civil *from,
                       struct error *e)
{
    size_t batches = config_batch_count(cl->config);
    t->sources = xcalloc(batches + 1, sizeof *t->sources);
    int rc = batches ? 0 : add_source(t, cl->config, cl->batch, from, e);
    for (size_t i = 0; i < batches && rc == 0; i++)
        rc = add_source(t, config_batch(cl->config, i), config_batch_name(cl->config, i), from, e);
    return rc;
}

static void timetable_release(struct timetable *t)
{
    for (size_t i = 0; i < t->source_count; i++)
        calendar_free(t->sources[i].calendar);
    free(t->sources);
    free(t->rows);
}

/* ---- as a table, as JSON ---- */

static int wider(int width, const char *text)
{
    int n = (int)strlen(text);
    return n > width ? n : width;
}

static void print_table(const struct timetable *t)
{
    static const char utc_head[] = "UTC", local_head[] = "local time";
    int shown = (int)strlen(local_head), batch = 0, rule = 4, period = 6;
    for (const struct row *r = t->rows; r < t->rows + t->row_count; r++) {
        shown = wider(shown, r->shown);
        rule = wider(rule, r->rule);
        period = wider(period, r->run.period);
        if (r->source->batch)
            batch = wider(wider(batch, "batch"), r->source->batch);
    }
    int gap = batch ? 2 : 0;
    printf("%-*s  %-20s  %-*s%*s%-*s  period\n", shown, local_head, utc_head, batch,
           batch ? "batch" : "", gap, "", rule, "rule");
    for (const struct row *r = t->rows; r < t->rows + t->row_count; r++) {
        printf("%-*s  %-20s  %-*s%*s%-*s  ", shown, r->shown, r->utc, batch,
               r->source->batch ? r->source->batch : "", gap, "", rule, r->rule);
        if (*r->note)
            printf("%-*s  %s\n", period, r->run.period, r->note);
        else
            printf("%s\n", r->run.period);
    }
}

static void print_json(const struct timetable *t)
{
    static const char *const fits[] = {
        [ZONE_ONCE] = "once", [ZONE_SKIPPED] = "skipped", [ZONE_TWICE] = "twice"};
    cJSON *whole = cJSON_CreateObject(), *runs = cJSON_AddArrayToObject(whole, "runs");
    char date[CIVIL_TEXT_MAX];
    for (const struct row *r = t->rows; r < t->rows + t->row_count; r++) {
        cJSON *run = cJSON_CreateObject();
        cJSON_AddItemToArray(runs, run);
        if (r->source->batch)
            cJSON_AddStringToObject(run, "batch", r->source->batch);
        cJSON_AddStringToObject(run, "local", r->local);
        cJSON_AddStringToObject(run, "utc", r->utc);
        cJSON_AddStringToObject(run, "timezone",
                                config_settings(r->source->config)->schedule.timezone);
        cJSON_AddStringToObject(run, "rule", r->rule);
        cJSON_AddStringToObject(run, "period", r->run.period);
        cJSON_AddStringToObject(run, "named", civil_format(r->run.named, date));
        cJSON_AddStringToObject(run, "date", civil_format(r->run.date, date));
        cJSON_AddStringToObject(run, "fit", fits[r->run.fit]);
        if (*r->note)
            cJSON_AddStringToObject(run, "note", r->note);
    }
    char *text = cJSON_Print(whole);
    REQUIRE(text != NULL);
    puts(text);
    free(text);
    cJSON_Delete(whole);
}

/* Whether it matters to this calendar which days are worked. */
static bool minds_holidays(const struct calendar *c)
{
    bool minds = c->on_holiday != ON_HOLIDAY_RUN;
    for (size_t i = 0; i < c->rule_count; i++)
        minds = minds || c->rules[i].kind == RULE_LAST_BUSINESS_DAY ||
                c->rules[i].kind == RULE_BUSINESS_DAY;
    return minds;
}

/* Dates behind the last holiday of the file are worked out as if there were none. */
static void warn_of_holidays(const struct source *s)
{
    const struct business_days *days = &s->calendar->days;
    const char *path = config_settings(s->config)->schedule.holidays;
    char end[CIVIL_TEXT_MAX];
    if (!path || s->last_day < 0 || !minds_holidays(s->calendar))
        return;
    int64_t last = days->holiday_count ? days->holidays[days->holiday_count - 1] : -1;
    if (last >= s->last_day)
        return;
    complain_of(s->batch);
    if (days->holiday_count)
        complain(0, "schedule.holidays: the last date of %s is %s: holidays after it aren't known",
                 text_show(path), civil_format(civil_from_days(last), end));
    else
        complain(0, "schedule.holidays: there is no date in %s", text_show(path));
    complain_of(NULL);
}

/* ---- the command ---- */

static int read_next(const char *text, size_t *out)
{
    char *end;
    *out = NEXT_DEFAULT;
    if (!text)
        return 0;
    long n = strtol(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || n < 1 || n > NEXT_MAX)
        return complain(EXIT_USAGE, "--next: \"%s\" isn't a number of 1 to %d", text_show(text),
                        NEXT_MAX);
    *out = (size_t)n;
    return 0;
}

static int nothing_scheduled(const struct command_line *cl)
{
    static const char way[] =
        "set schedule.when, as in when = last-business-day 18:00 below [schedule]";
    if (cl->batch)
        return complain(EXIT_USAGE, "batch %s has no schedule: %s", cl->batch, way);
    return complain(EXIT_USAGE, "there is no schedule: %s", way);
}

static int print_runs(const struct command_line *cl, size_t count, const struct civil *from)
{
    const struct schedule_asked *asked = cl->own;
    struct timetable t = {0};
    struct error e;
    int code = 0;
    if (add_sources(&t, cl, from, &e) < 0) {
        code = complain(EXIT_USAGE, "%s", e.text);
    } else if (t.source_count == 0) {
        code = nothing_scheduled(cl);
    } else {
        t.rows = xcalloc(count, sizeof *t.rows);
        fill(&t, count);
        if (asked->json)
            print_json(&t);
        else
            print_table(&t);
        fflush(stdout);
        for (size_t i = 0; i < t.source_count; i++)
            warn_of_holidays(&t.sources[i]);
    }
    timetable_release(&t);
    return code;
}

static int schedule(const struct command_line *cl)
{
    const struct schedule_asked *asked = cl->own;
    struct civil from;
    size_t count;
    if (cl->path_count)
        return complain(EXIT_USAGE, "schedule takes no PATH");
    if (asked->from && civil_parse(asked->from, strlen(asked->from), &from) < 0)
        return complain(EXIT_USAGE, "--from: \"%s\" isn't a date: write one as 2026-12-01",
                        text_show(asked->from));
    int code = read_next(asked->next, &count);
    return code ? code : print_runs(cl, count, asked->from ? &from : NULL);
}

static const struct command_option options[] = {
    {"next", "N", "so many runs (12)", offsetof(struct schedule_asked, next)},
    {"from", "DATE", "from that day's beginning (2026-12-01), not from now",
     offsetof(struct schedule_asked, from)},
    {"json", NULL, "for programs", offsetof(struct schedule_asked, json)},
    {NULL, NULL, NULL, 0}};

const struct command schedule_command = {
    .name = "schedule",
    .arguments = "",
    .summary = "the next N runs, as dates",
    .help = "What schedule.when gives, with the rule and the period of each run.\n",
    .example = "-s schedule.when=business-day+3 --next 6",
    .options = options,
    .own_size = sizeof(struct schedule_asked),
    .by_batch = true,
    .run = schedule,
};
