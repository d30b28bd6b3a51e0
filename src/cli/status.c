/* mindee-batch status: what the ledger holds, read beside a run that may be at work. */
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "cli/batches.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "report/result_files.h"
#include "report/summary.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_list {
    const char *output;
    bool first;
};

static void put_json_text(const char *name, const char *bytes, bool more)
{
    struct buffer shown;
    buffer_init(&shown, 0);
    text_display(&shown, bytes, strlen(bytes));
    cJSON *item = cJSON_CreateString(buffer_text(&shown));
    char *text = cJSON_PrintUnformatted(item);
    REQUIRE(text != NULL);
    printf("\"%s\": %s%s", name, text, more ? ", " : "");
    free(text);
    cJSON_Delete(item);
    buffer_release(&shown);
}

static void put_json_time(const char *name, struct wall t)
{
    char stamp[WALL_TEXT_MAX];
    if (t.ms)
        printf("\"%s\": \"%s\", ", name, wall_format(t, stamp));
    else
        printf("\"%s\": null, ", name);
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
        result_file_name(&result, row->name);
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
    const char *period; /* NULL: all */
    bool first, json;
};

static int print_period(void *ctx, const struct ledger_period *p)
{
    struct period_list *list = ctx;
    char due[WALL_TEXT_MAX], end[WALL_TEXT_MAX];
    if (list->period && strcmp(list->period, p->period) != 0)
        return 0;
    if (list->json) {
        printf("%s\n    {", list->first ? "" : ",");
        put_json_text("period", p->period, true);
        put_json_text("rule", p->rule, true);
        put_json_text("state", period_state_names[p->state], true);
        put_json_time("due_at", p->due_at);
        put_json_time("started_at", p->started_at);
        put_json_time("finished_at", p->finished_at);
        printf(p->exit_code < 0 ? "\"exit\": null}" : "\"exit\": %d}", p->exit_code);
    } else {
        printf("%s  %-10s %-26s due %s  %s%s%s", list->first ? "\nscheduled runs\n" : "", p->period,
               p->rule, wall_format(p->due_at, due), period_state_names[p->state],
               p->state == PERIOD_DONE ? " " : "",
               p->state == PERIOD_DONE ? wall_format(p->finished_at, end) : "");
        printf(p->exit_code > 0 ? ", exit %d\n" : "\n", p->exit_code);
    }
    list->first = false;
    return 0;
}

/* The object of summary.json, with `running`, `scheduled` and `list` added. */
static int print_json(struct ledger *l, const struct summary *s, bool running, const char *holder)
{
    struct buffer text;
    struct file_list list = {.first = true};
    struct period_list periods = {.period = s->period, .first = true, .json = true};
    buffer_init(&text, 0);
    summary_json(&text, s);
    size_t end = text.len - 1; /* the object's closing brace: more follows */
    REQUIRE(text.data[end] == '}');
    while (strchr("\n\t ", text.data[end - 1]))
        end--;
    printf("%.*s,\n\t\"running\":\t%s,\n\t", (int)end, text.data, running ? "true" : "false");
    if (running)
        put_json_text("holder", holder, true);
    printf("\"scheduled\":\t[");
    int rc = ledger_periods(l, print_period, &periods);
    printf("%s],\n\t\"list\":\t[", periods.first ? "" : "\n  ");
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
    printf("%s  %-10s %s%s%s\n", *first ? "\nnot stored\n" : "",
           doc_state_names[sent ? DOC_PROCESSING : row->state], text_show(row->path),
           *row->detail ? ": " : "", text_show(row->detail));
    *first = false;
    return 0;
}

static int print_period_table(struct ledger *l, const struct batch_options *o,
                              const struct summary *s)
{
    struct buffer text;
    struct period_list periods = {.period = s->period, .first = true};
    bool first = true;
    buffer_init(&text, 0);
    summary_table(&text, s);
    printf("%s: %s\n%s", text_show(o->output), text_show(s->period), buffer_text(&text));
    buffer_release(&text);
    int rc = ledger_list_period(l, s->period, print_unstored, &first);
    return rc < 0 ? rc : ledger_periods(l, print_period, &periods);
}

static void print_table(const struct batch_options *o, const struct summary *s, bool running,
                        const char *holder)
{
    struct buffer text;
    char stamp[WALL_TEXT_MAX];
    buffer_init(&text, 0);
    summary_table(&text, s);
    printf("%s\n%s", text_show(o->output), buffer_text(&text));
    if (running)
        printf("\na run is at work (%s), since %s\n", holder,
               wall_format(s->run.started_at, stamp));
    else if (s->has_run && s->run.finished_at.ms)
        printf("\nno run is at work; the last one ended %s\n",
               wall_format(s->run.finished_at, stamp));
    else if (s->has_run)
        printf(
            "\nno run is at work; the last one was cut off: run the same command again to go on\n");
    buffer_release(&text);
}

/* Of one batch; *SHOWN: whether anything was printed. */
static int show(const struct command_line *cl, bool *shown)
{
    struct batch_options o;
    struct summary s = {0};
    struct error e;
    struct ledger *l;
    char holder[128] = "";
    if (batch_options_read(&o, cl->config, NULL, 0, false, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    int code = 0;
    if (ledger_open(&l, &lo, &e) < 0) {
        code = e.code == ERR_NOT_FOUND ? complain(EXIT_USAGE,
                                                  "there is no ledger at %s yet: name the output "
                                                  "directory of a run (-c FILE, or "
                                                  "-s output.directory=DIR)",
                                                  text_show(o.ledger))
                                       : complain(exit_code_of(&e), "%s", e.text);
        batch_options_release(&o);
        return code;
    }
    int running = ledger_run_at_work(l, holder, sizeof holder);
    int rc = cl->period ? summary_read_period(&s, l, cl->period, &e) : summary_read(&s, l, &e);
    *shown = rc == 0;
    if (!*shown)
        code = complain(exit_code_of(&e), "%s", e.text);
    else if (cl->period && !(cl->flags & FLAG_JSON))
        code = print_period_table(l, &o, &s) < 0
                   ? complain(EXIT_LEDGER, "%s", ledger_error(l)->text)
                   : 0;
    else if (!(cl->flags & FLAG_JSON))
        print_table(&o, &s, running == 1, holder);
    else if (print_json(l, &s, running == 1, holder) < 0)
        code = complain(EXIT_LEDGER, "%s", ledger_error(l)->text);
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

int status_command(const struct command_line *cl)
{
    if (cl->path_count)
        return complain(EXIT_USAGE,
                        "status takes no PATH; explain PATH tells one document's history");
    if (cl->flags & FLAG_JSON && config_batch_count(cl->config))
        return show_batches_json(cl);
    return each_batch(cl, show_one);
}
