/* mindee-batch status: what the ledger holds, read beside a run that may be at work. */
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "cli/batches.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/export_selection.h"
#include "cli/local_time.h"
#include "config/schedule_options.h"
#include "ledger/file_names.h"
#include "ledger/listing.h"
#include "ledger/periods.h"
#include "ledger/spending.h"
#include "monitor/json_parts.h"
#include "monitor/status_json.h"
#include "results/summary.h"
#include "service/budget_print.h"
#include "store/run_lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct status_asked {
    bool json, health;
    const char *period;
};

struct file_list {
    const struct ledger *ledger;
    bool first;
};

static void put_json_text(const char *name, const char *bytes, bool more)
{
    struct buffer text;
    buffer_init(&text, 0);
    json_put_member(&text, name, bytes);
    printf("%s%s", buffer_text(&text), more ? ", " : "");
    buffer_release(&text);
}

static void put_json_time(const char *name, struct wall t)
{
    struct buffer text;
    buffer_init(&text, 0);
    json_put_time(&text, name, t);
    printf("%s, ", buffer_text(&text));
    buffer_release(&text);
}

static int print_file(void *ctx, const struct ledger_listing *row)
{
    struct file_list *list = ctx;
    struct buffer result;
    buffer_init(&result, 0);
    printf("%s\n    {", list->first ? "" : ",");
    list->first = false;
    put_json_text("path", row->path, true);
    bool sent = row->state == DOC_SUBMITTING || row->state == DOC_READY; /* summary's words */
    put_json_text("state", doc_state_names[sent ? DOC_PROCESSING : row->state], true);
    if (row->dismissed.ms)
        put_json_time("dismissed", row->dismissed);
    if (row->state == DOC_STORED) {
        buffer_printf(&result, "results/");
        ledger_result_file(list->ledger, row->name, &result);
        put_json_text("result", buffer_text(&result), true);
    }
    if (*row->moved_to)
        put_json_text("moved_to", row->moved_to, true);
    if (*row->code)
        put_json_text("code", row->code, true);
    if (*row->detail)
        put_json_text("detail", row->detail, true);
    if (*row->job_id)
        put_json_text("job_id", row->job_id, true);
    printf("\"document\": %lld}", (long long)row->document_id);
    buffer_release(&result);
    return 0;
}

struct period_list {
    const char *period;      /* NULL: all */
    const struct zone *zone; /* of the text */
    bool first;
};

static const char *local_time(const struct zone *zone, struct wall at, char out[ZONE_TIME_TEXT_MAX])
{
    struct zone_time t;
    zone_show(zone, at, &t);
    return zone_time_format(&t, out);
}

static int print_period(void *ctx, const struct ledger_period *p)
{
    struct period_list *list = ctx;
    char due[ZONE_TIME_TEXT_MAX], end[ZONE_TIME_TEXT_MAX];
    if (list->period && strcmp(list->period, p->period) != 0 &&
        strcmp(list->period, p->counts_to) != 0)
        return 0;
    printf("%s  %-10s %-26s due %s  %s%s%s", list->first ? "\nscheduled runs\n" : "", p->period,
           p->rule, local_time(list->zone, p->due_at, due), period_state_names[p->state],
           p->state == PERIOD_DONE ? " " : "",
           p->state == PERIOD_DONE ? local_time(list->zone, p->finished_at, end) : "");
    printf(p->exit_code > 0 ? ", exit %d\n" : "\n", p->exit_code);
    list->first = false;
    return 0;
}

struct change_list {
    const struct zone *zone;
    bool first;
};

static int print_change(void *ctx, const struct ledger_period_change *c)
{
    struct change_list *list = ctx;
    char at[ZONE_TIME_TEXT_MAX];
    printf("%s  %s  %s -> %s  %s\n", list->first ? "\nsince the close\n" : "",
           local_time(list->zone, c->at, at), c->from ? c->from : "new", c->to, text_show(c->path));
    list->first = false;
    return 0;
}

/* The object of summary.json, with `running`, `budget`, `scheduled` and `list` added; of a period also
 * `since_close`. */
static int print_json(struct ledger *l, const struct summary *s, const char *budget, bool running,
                      const char *holder)
{
    struct buffer text;
    struct file_list list = {.ledger = l, .first = true};
    buffer_init(&text, 0);
    int rc = status_json_open(&text, l, s, budget, running ? holder : NULL);
    printf("%s,\n\t\"list\":\t[", buffer_text(&text));
    if (rc == 0)
        rc = s->period ? ledger_list_period(l, s->period, print_file, &list)
                       : ledger_list(l, false, print_file, &list);
    printf("%s]\n}\n", list.first ? "" : "\n  ");
    buffer_release(&text);
    return rc;
}

/* The files that aren't stored: of one period they are few enough to be shown. */
static int print_unstored(void *ctx, const struct ledger_listing *row)
{
    bool *first = ctx;
    bool sent = row->state == DOC_SUBMITTING || row->state == DOC_READY;
    if (row->state == DOC_STORED)
        return 0;
    const char *word = doc_state_names[sent ? DOC_PROCESSING : row->state];
    printf("%s  %-10s %s%s%s\n", *first ? "\nnot stored\n" : "",
           row->dismissed.ms ? "dismissed" : word, text_show(row->path), *row->detail ? ": " : "",
           text_show(row->detail));
    *first = false;
    return 0;
}

static int print_period_table(struct ledger *l, const struct batch_options *o,
                              const struct summary *s, const struct zone *zone)
{
    struct buffer text;
    struct period_list periods = {.period = s->period, .zone = zone, .first = true};
    struct change_list changes = {.zone = zone, .first = true};
    bool first = true;
    char at[ZONE_TIME_TEXT_MAX];
    buffer_init(&text, 0);
    summary_table(&text, s);
    printf("%s: %s", text_show(o->output), text_show(s->period));
    if (s->closed)
        printf(", closed %s%s", local_time(zone, s->close.at, at),
               s->close.kept ? "" : " (its numbers then were not kept, by an older version)");
    printf("\n%s", buffer_text(&text));
    buffer_release(&text);
    int rc = ledger_period_changes(l, s->period, print_change, &changes);
    if (rc == 0)
        rc = ledger_list_period(l, s->period, print_unstored, &first);
    return rc < 0 ? rc : ledger_periods(l, print_period, &periods);
}

static void print_table(const struct batch_options *o, const struct summary *s, const char *budget,
                        bool running, const char *holder)
{
    struct buffer text;
    char stamp[WALL_TEXT_MAX], words[400];
    buffer_init(&text, 0);
    summary_table(&text, s);
    printf("%s\n%s%s%s", text_show(o->output), buffer_text(&text), *budget ? "\n" : "", budget);
    if (running)
        printf("\na run is at work: %s\n", run_lock_words(holder, words, sizeof words));
    else if (s->has_run && s->run.finished_at.ms)
        printf("\nno run is at work; the last one ended %s\n",
               local_time_format(s->run.finished_at, stamp));
    else if (s->has_run)
        printf(
            "\nno run is at work; the last one was cut off: run the same command again to go on\n");
    buffer_release(&text);
}

static int show_period(const struct command_line *cl, struct ledger *l,
                       const struct batch_options *o, bool running, const char *holder, bool *shown)
{
    const struct status_asked *asked = cl->own;
    struct summary s;
    struct zone zone;
    struct error e;
    int code = complain_unless_period(l, o, asked->period);
    if (code)
        return code;
    if (summary_read_period(&s, l, asked->period, &e) < 0)
        return complain(exit_code_of(ledger_error(l)), "%s", ledger_error(l)->text);
    if (schedule_read_zone(&zone, cl->config, &e) < 0)
        return complain(EXIT_USAGE, "schedule.timezone: %s", e.text);
    *shown = true;
    int rc = asked->json ? print_json(l, &s, NULL, running, holder)
                         : print_period_table(l, o, &s, &zone);
    return rc < 0 ? complain(EXIT_LEDGER, "%s", ledger_error(l)->text) : 0;
}

/* The budgets: of JSON always, for people where one is set, or has stopped what S says is waiting. */
static int add_budget(struct ledger *l, const struct batch_options *o, const struct summary *s,
                      bool json, bool running, struct buffer *out)
{
    struct month month = month_of(o->spending.zone, clock_wall(&system_clock));
    struct budget_spent spent;
    int rc = ledger_spent(l, month.from, month.until, &spent);
    if (rc < 0)
        return rc;
    if (json)
        budget_print_json(&o->spending.budget, &spent, &month, out);
    else if (budget_is_set(&o->spending.budget))
        budget_print(&o->spending.budget, &spent, &month, out);
    if (!json && s->total.by_state[DOC_QUEUED] > 0)
        budget_print_stopped(&o->spending.budget, &spent, running, out);
    return 0;
}

static int show_all(const struct command_line *cl, struct ledger *l, const struct batch_options *o,
                    bool running, const char *holder, bool *shown)
{
    const struct status_asked *asked = cl->own;
    struct summary s;
    struct error e;
    struct buffer budget;
    if (summary_read(&s, l, &e) < 0)
        return complain(exit_code_of(&e), "%s", e.text);
    *shown = true;
    buffer_init(&budget, 0);
    int rc = add_budget(l, o, &s, asked->json, running, &budget);
    if (rc == 0 && asked->json)
        rc = print_json(l, &s, buffer_text(&budget), running, holder);
    else if (rc == 0)
        print_table(o, &s, buffer_text(&budget), running, holder);
    buffer_release(&budget);
    return rc < 0 ? complain(EXIT_LEDGER, "%s", ledger_error(l)->text) : 0;
}

/* For a container's HEALTHCHECK: whether the ledger can be read. One that isn't there yet is no harm. */
static int show_health(const struct command_line *cl)
{
    struct batch_options o;
    struct error e;
    struct ledger *l;
    struct summary s;
    batch_options_of_ledger(&o, cl->config);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    int code = 0, rc = ledger_open(&l, &lo, &e);
    bool opened = rc == 0;
    if (opened)
        rc = summary_read(&s, l, &e);
    if (rc < 0 && e.code != ERR_NOT_FOUND)
        code = complain(exit_code_of(&e), "%s", e.text);
    else
        printf("%s: %s\n", text_show(o.output), opened ? "well" : "nothing was sent yet");
    if (opened)
        ledger_close(l);
    batch_options_release(&o);
    return code;
}

/* Of one batch; *SHOWN: whether anything was printed. */
static int show(const struct command_line *cl, bool *shown)
{
    const struct status_asked *asked = cl->own;
    struct batch_options o;
    struct error e;
    struct ledger *l;
    char holder[128] = "";
    batch_options_of_ledger(&o, cl->config);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    int code = 0;
    if (ledger_open(&l, &lo, &e) < 0) {
        code = e.code == ERR_NOT_FOUND ? complain_no_ledger(o.ledger, ENOENT)
                                       : complain(exit_code_of(&e), "%s", e.text);
        batch_options_release(&o);
        return code;
    }
    int running = ledger_run_at_work(l, holder, sizeof holder);
    *shown = false;
    ledger_read_begin(l); /* its numbers belong together */
    code = asked->period ? show_period(cl, l, &o, running == 1, holder, shown)
                         : show_all(cl, l, &o, running == 1, holder, shown);
    ledger_read_end(l);
    ledger_close(l);
    batch_options_release(&o);
    return code;
}

static int show_one(const struct command_line *cl)
{
    bool shown;
    return show(cl, &shown);
}

/* {"batches": {NAME: ...}}; null of one that has no ledger to read. */
static int show_batches_json(const struct command_line *cl)
{
    int worst = 0;
    printf("{\"batches\": {");
    for (size_t i = 0; i < config_batch_count(cl->config); i++) {
        bool shown = false;
        struct command_line one = *cl;
        one.config = config_batch(cl->config, i);
        one.batch = config_batch_name(cl->config, i);
        printf("%s\n\"%s\": ", i ? "," : "", one.batch);
        complain_of(one.batch);
        worst = worse_exit(worst, show(&one, &shown));
        complain_of(NULL);
        if (!shown)
            printf("null\n");
    }
    printf("}}\n");
    return worst;
}

static int status(const struct command_line *cl)
{
    const struct status_asked *asked = cl->own;
    if (cl->path_count)
        return complain(EXIT_USAGE,
                        "status takes no PATH; explain PATH tells one document's history");
    if (asked->health)
        return each_batch(cl, show_health);
    if (asked->json && config_batch_count(cl->config))
        return show_batches_json(cl);
    return each_batch(cl, show_one);
}

static const struct command_option options[] = {
    {"json", NULL, "for programs", offsetof(struct status_asked, json)},
    {"period", "P", "what belongs to that period (2026-11) alone",
     offsetof(struct status_asked, period)},
    {"health", NULL, "only whether the ledger can be read: exit 0, for a container",
     offsetof(struct status_asked, health)},
    {NULL, NULL, NULL, 0}};

const struct command status_command = {
    .name = "status",
    .arguments = "",
    .summary = "what the ledger holds; also while a run is at work",
    .help = "--json has the numbers of summary.json, the scheduled runs, and every file with\n"
            "its state and its result file.\n",
    .example = "-s output.directory=out",
    .options = options,
    .own_size = sizeof(struct status_asked),
    .by_batch = true,
    .run = status,
};
