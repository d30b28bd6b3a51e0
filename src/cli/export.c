/* mindee-batch export: what finance opens: the results as tables, in CSV files, a workbook, JSON lines or an
 * SQLite database. It reads the ledger alone, also beside a run that is at work. */
#include "export/export.h"
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/export.h"
#include "cli/export_selection.h"
#include "cli/fields_check.h"
#include "cli/review_setup.h"
#include "config/config_digest.h"
#include "config/schedule_options.h"
#include "tables/currency.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct export_asked {
    const char *format, *profile, *period, *flat, *since, *to;
    bool words, ready, review;
    struct command_list tables;
};

static const struct {
    const char *word, *ending;
    enum export_format format;
} formats[] = {{"csv", ".csv", EXPORT_CSV},
               {"xlsx", ".xlsx", EXPORT_XLSX},
               {"jsonl", ".jsonl", EXPORT_JSONL},
               {"sqlite", ".sqlite", EXPORT_SQLITE},
               {"sqlite", ".db", EXPORT_SQLITE}};
enum { FORMATS = sizeof formats / sizeof *formats };

/* What an export is made with, and what has to be freed after it. */
struct export_job {
    struct batch_options batch;
    struct export_options options;
    struct export_selection selection;
    struct zone zone;
    struct roles *roles;
    struct check_options checks;
    struct facts_options review;
    char *directory, *file;
    char configuration[SHA256_HEX];
};

/* Of --format, else of the ending of --to, else CSV. -1: there is no such format. */
static int format_of(const struct export_asked *asked)
{
    const char *ending = asked->to ? strrchr(asked->to, '.') : NULL;
    for (size_t i = 0; i < FORMATS; i++)
        if (asked->format ? strcmp(asked->format, formats[i].word) == 0
                          : ending && strcasecmp(ending, formats[i].ending) == 0)
            return (int)formats[i].format;
    return asked->format ? -1 : (int)EXPORT_CSV;
}

static int read_profile(const struct export_asked *asked, struct config *c)
{
    struct error_list errors;
    struct buffer text;
    int code = 0;
    if (!asked->profile)
        return 0;
    error_list_init(&errors);
    buffer_init(&text, 0);
    buffer_printf(&text, "export.profile=%s", asked->profile);
    if (config_set(c, buffer_text(&text), &errors) < 0)
        code = complain(EXIT_USAGE, "--profile: %s", errors.errors[0].text);
    buffer_release(&text);
    error_list_release(&errors);
    return code;
}

static bool is_directory(const char *path)
{
    struct stat st;
    size_t len = strlen(path);
    return (len && path[len - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* `--to`: a directory for CSV; of the other formats a file, unless it is a directory or ends in a slash. */
static void read_to(struct export_job *job, const char *to)
{
    struct export_options *o = &job->options;
    const char *slash = strrchr(to, '/');
    if (strcmp(to, "-") == 0) {
        o->file = "-";
        return;
    }
    bool named_like_a_file = strrchr(slash ? slash : to, '.') != NULL;
    if (is_directory(to) || (o->format == EXPORT_CSV && !named_like_a_file)) {
        o->directory = to;
        return;
    }
    job->file = xstrdup(slash ? slash + 1 : to);
    job->directory = xstrdup(slash ? to : ".");
    if (slash)
        job->directory[slash == to ? 1 : slash - to] = '\0';
    o->directory = job->directory;
    o->file = job->file;
}

static void read_place(struct export_job *job, const struct export_asked *asked,
                       const struct settings *s)
{
    struct export_options *o = &job->options;
    struct buffer b;
    o->ours = true;
    if (asked->to) {
        o->ours = false;
        read_to(job, asked->to);
    } else if (s->export.directory) {
        o->directory = s->export.directory;
    } else {
        buffer_init(&b, 0);
        buffer_printf(&b, "%s/exports", job->batch.output);
        o->directory = job->directory = buffer_detach(&b, NULL);
    }
}

static struct csv_choices csv_choices_of(const struct settings *s)
{
    return (struct csv_choices){
        .profile = s->export.profile,
        .delimiter = s->export.delimiter,
        .decimal = s->export.decimal,
        .dates = s->export.dates,
        .bom = s->export.bom,
        .defuse = s->export.defuse,
    };
}

static int read_review(struct export_job *job, const struct export_asked *asked,
                       const struct settings *s)
{
    struct export_options *o = &job->options;
    struct error e;
    if (asked->ready && asked->review)
        return complain(EXIT_USAGE, "--ready or --review");
    if (!s->review.enabled && (asked->ready || asked->review))
        return complain(EXIT_USAGE, "--%s: with review.enabled = no nothing is known of that",
                        asked->ready ? "ready" : "review");
    if (!s->review.enabled)
        return 0;
    job->roles = roles_new();
    if (review_setup(&job->review, job->roles, &job->checks, s, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    o->review = &job->review;
    o->status = asked->ready ? EXPORT_READY : asked->review ? EXPORT_TO_REVIEW : EXPORT_ANY;
    return 0;
}

/* One file would be written by each batch in turn: the last one's rows alone would be left. */
static int refuse_one_file(const struct export_asked *asked)
{
    return complain(EXIT_USAGE,
                    "--to %s is one file, and there are several batches: choose one by --batch, or "
                    "leave --to out",
                    text_show(asked->to));
}

static int read_options(struct export_job *job, const struct command_line *cl)
{
    const struct export_asked *asked = cl->own;
    struct export_options *o = &job->options;
    struct error e;
    int format = format_of(asked);
    if (format < 0)
        return complain(EXIT_USAGE, "--format %s: it is csv, xlsx, jsonl or sqlite",
                        text_show(asked->format));
    int code = read_profile(asked, cl->config);
    if (code)
        return code;
    if (schedule_read_zone(&job->zone, cl->config, &e) < 0)
        return complain(EXIT_USAGE, "schedule.timezone: %s", e.text);
    const struct settings *s = config_settings(cl->config);
    const struct csv_choices csv = csv_choices_of(s);
    config_digest(cl->config, job->configuration);
    *o = (struct export_options){
        .output = job->batch.output,
        .access = job->batch.access,
        .format = (enum export_format)format,
        .profile = csv_profile_of(&csv),
        .names = s->export.headers == HEADERS_NAMES,
        .lowest = s->export.confidence == CONFIDENCE_LOWEST,
        .each_confidence = s->export.confidence == CONFIDENCE_EACH,
        .pages = s->export.pages,
        .words = asked->words,
        .tables = asked->tables.items,
        .table_count = asked->tables.count,
        .flat = asked->flat,
        .sums = {s->fields.currency, s->fields.net, s->fields.tax, s->fields.total},
        .price = job->batch.spending.price,
        .zone = &job->zone,
        .configuration = job->configuration,
        .batch = cl->batch,
        .period = asked->period,
    };
    read_place(job, asked, s);
    if (o->file && cl->of_several)
        return refuse_one_file(asked);
    return read_review(job, asked, s);
}

static void say_amounts(const struct export_outcome *out)
{
    for (size_t i = 0; i < out->control.currency_count; i++) {
        const struct control_currency *c = &out->control.currencies[i];
        char total[DECIMAL_GROUPED_MAX], records[UNITS_TEXT_MAX];
        int decimals = currency_decimals(c->code, strlen(c->code));
        printf("%s  %-11s %18s  in %s record%s\n", i ? "" : "\ntotal amounts\n",
               *c->code ? text_show(c->code) : "no currency",
               decimal_format_grouped(c->total, decimals, total), count_format(c->records, records),
               c->records == 1 ? "" : "s");
    }
}

static void say_written(const struct export_job *job, const struct export_outcome *out)
{
    int64_t open = out->control.states[REVIEW_OPEN];
    char documents[UNITS_TEXT_MAX], records[UNITS_TEXT_MAX];
    const struct control_totals *c = &out->control;
    printf("%s document%s with %s record%s, in %s", count_format(c->documents, documents),
           c->documents == 1 ? "" : "s", count_format(c->records, records),
           c->records == 1 ? "" : "s", buffer_text(&out->files));
    say_amounts(out);
    if (open)
        printf("\n%s to review: mindee-batch review -s output.directory=%s\n",
               count_format(open, records), text_show(job->options.output));
}

/* What was written is told on standard output, unless the export itself goes there. */
static int say(const struct export_job *job, const struct export_outcome *out, bool quiet)
{
    bool to_stdout = job->options.file && strcmp(job->options.file, "-") == 0;
    if (!to_stdout && !quiet)
        say_written(job, out);
    for (size_t i = 0; i < out->said.count; i++)
        complain(0, "%s", out->said.text[i]);
    for (size_t i = 0; i < out->notes.count; i++)
        complain(0, "left out: %s", out->notes.text[i]);
    if (out->notes.more)
        complain(0, "left out: %lld things more", (long long)out->notes.more);
    return out->notes.count ? EXIT_SOME_FAILED : EXIT_ALL_STORED;
}

static int make(struct export_job *job, const struct command_line *cl, struct ledger *l)
{
    const struct export_asked *asked = cl->own;
    struct export_outcome outcome;
    struct error e;
    int code = complain_of_fields(cl->config, job->roles, l, &job->batch);
    if (code)
        return code;
    code = export_selection_read(&job->selection, l, &job->batch, asked->period, asked->since,
                                 cl->paths, (size_t)cl->path_count, &job->zone);
    if (code)
        return code;
    if (job->options.access == ACCESS_AS_FOUND)
        job->options.access = ledger_access(l);
    job->options.since = job->selection.since;
    job->options.documents = cl->path_count ? job->selection.documents : NULL;
    job->options.document_count = job->selection.count;
    int err = export_make(&job->options, l, &outcome, &e);
    if (err)
        code = complain(outcome.does_not_add_up ? EXIT_BUG : exit_code_of(&e), "%s", e.text);
    else
        code = say(job, &outcome, cl->quiet);
    export_outcome_release(&outcome);
    return code;
}

static int export_batch(const struct command_line *cl)
{
    struct export_job *job = xcalloc(1, sizeof *job);
    struct ledger *l = NULL;
    struct error e;
    batch_options_of_ledger(&job->batch, cl->config);
    struct ledger_options lo = {
        .path = job->batch.ledger, .read_only = true, .clock = &system_clock};
    int code = read_options(job, cl);
    if (!code && ledger_open(&l, &lo, &e) < 0)
        code = e.code == ERR_NOT_FOUND ? complain_no_ledger(job->batch.ledger, ENOENT)
                                       : complain(exit_code_of(&e), "%s", e.text);
    if (!code)
        code = make(job, cl, l);
    if (l)
        ledger_close(l);
    export_selection_release(&job->selection);
    batch_options_release(&job->batch);
    roles_free(job->roles);
    free(job->directory);
    free(job->file);
    free(job);
    return code;
}

int export_as(const struct command_line *cl, const char *format, const char *to)
{
    const struct export_asked asked = {.format = format, .to = to};
    struct command_line own = *cl;
    own.own = &asked;
    own.quiet = true;
    own.path_count = 0;
    return export_batch(&own);
}

static const struct command_option options[] = {
    {"format", "F", "csv, xlsx (a workbook), jsonl or sqlite (csv)",
     offsetof(struct export_asked, format)},
    {"profile", "P", "of CSV: excel, excel-eu, rfc4180", offsetof(struct export_asked, profile)},
    {"period", "P", "documents of that period (2026-11) alone",
     offsetof(struct export_asked, period)},
    {"since", "TIME", "results since then alone (2026-11-30, or with a time)",
     offsetof(struct export_asked, since)},
    {"ready", NULL, "records that are ready, accepted or corrected alone",
     offsetof(struct export_asked, ready)},
    {"review", NULL, "records that are to be reviewed alone",
     offsetof(struct export_asked, review)},
    {"table", "T...", "this table alone: documents, line_items, _review, _credits",
     offsetof(struct export_asked, tables)},
    {"flat", "LIST", "a row a line of LIST, with the columns of its record",
     offsetof(struct export_asked, flat)},
    {"words", NULL, "of OCR results, each word too", offsetof(struct export_asked, words)},
    {"to", "PATH", "there, instead of exports/; - is standard output",
     offsetof(struct export_asked, to)},
    {NULL, NULL, NULL, 0}};

const struct command export_command = {
    .name = "export",
    .arguments = "[PATH]...",
    .summary = "the results as tables: CSV, a workbook, JSON lines, SQLite",
    .help = "A row a record, and a table for each list in it, into OUTPUT/exports, with a\n"
            "manifest.json; also while a run is at work. PATH: of these files alone. In CSV a\n"
            "double click loses leading zeros and long digits; a workbook keeps them.\n",
    .example = "-s output.directory=out --format xlsx",
    .options = options,
    .own_size = sizeof(struct export_asked),
    .by_batch = true,
    .each = true,
    .run = export_batch,
};
