/* mindee-batch credits: what the documents of a ledger cost, to lie beside Mindee's own page. It reads the
 * ledger alone, also beside a run that is at work. */
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "config/schedule_options.h"
#include "export/credit_rows.h"
#include "format/csv.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 * 1024, KEY_WIDTH = 38, TEXT_WIDTH = 90 };

struct credits_asked {
    bool csv, json;
    const char *by;
};

static const struct {
    const char *word;
    enum credit_by by;
} groups[] = {{"day", CREDITS_BY_DAY}, {"period", CREDITS_BY_PERIOD}, {"model", CREDITS_BY_MODEL}};

struct showing {
    const struct command_line *cl;
    const struct credits_asked *asked;
    const struct batch_options *options;
    unsigned by;
    struct zone zone;
    struct credit_rows rows;
};

/* --- for programs --- */

static int print_csv(struct showing *s, struct error *e)
{
    struct layout_column columns[CREDITS_COLUMNS_MOST];
    struct credit_cells row;
    struct csv_writer w;
    size_t count = credit_columns(s->by, columns);
    csv_begin(&w, &s->options->csv, BLOCK, block_output_to_stream, stdout);
    for (size_t i = 0; i < count; i++)
        csv_text(&w, columns[i].name, strlen(columns[i].name));
    csv_end_row(&w);
    for (size_t k = 0; k < s->rows.count; k++) {
        credit_row_cells(&s->rows, &s->rows.rows[k], s->by, &row);
        for (size_t i = 0; i < count; i++) {
            const struct cell *c = &row.cells[i];
            if (c->kind == CELL_NUMBER)
                csv_number(&w, c->text, c->len);
            else
                csv_text(&w, c->text, c->len);
        }
        csv_end_row(&w);
    }
    int err = csv_flush(&w, e);
    csv_release(&w);
    return err ? error_wrap(e, "standard output") : 0;
}

static cJSON *row_object(const struct showing *s, const struct credit_row *row, unsigned by)
{
    struct layout_column columns[CREDITS_COLUMNS_MOST];
    struct credit_cells cells;
    cJSON *o = cJSON_CreateObject();
    size_t count = credit_columns(by, columns);
    credit_row_cells(&s->rows, row, by, &cells);
    for (size_t i = 0; i < count; i++)
        if (cells.cells[i].kind == CELL_NUMBER) /* as it is written: no binary fraction of it */
            cJSON_AddRawToObject(o, columns[i].name, cells.cells[i].text);
        else
            cJSON_AddStringToObject(o, columns[i].name, cells.cells[i].text);
    return o;
}

static void print_json(const struct showing *s)
{
    const struct credit_row all = {.period = "", .product = "", .model = "", .bill = s->rows.sum};
    const char *zone = config_settings(s->cl->config)->schedule.timezone;
    cJSON *o = cJSON_CreateObject();
    if (s->cl->batch)
        cJSON_AddStringToObject(o, "batch", s->cl->batch);
    cJSON_AddStringToObject(o, "timezone", zone ? zone : "UTC");
    cJSON_AddItemToObject(o, "total", row_object(s, &all, 0));
    if (s->by) {
        cJSON_AddStringToObject(o, "by", s->asked->by);
        cJSON *rows = cJSON_AddArrayToObject(o, "rows");
        for (size_t i = 0; i < s->rows.count; i++)
            cJSON_AddItemToArray(rows, row_object(s, &s->rows.rows[i], s->by));
    }
    char *text = cJSON_PrintUnformatted(o);
    REQUIRE(text != NULL);
    puts(text);
    free(text);
    cJSON_Delete(o);
}

/* --- for people --- */

static void print_total(const struct bill *b)
{
    char count[UNITS_TEXT_MAX], pages[UNITS_TEXT_MAX], amount[CREDITS_TEXT_MAX];
    int64_t sent = b->documents - b->rejected; /* or to be sent */
    static const char row[] = "  %-12s %14s   %s%s\n";
    printf(row, "planned", credits_format(b->planned, amount), count_format(sent, count),
           sent == 1 ? " document, by its pages as counted before it is sent"
                     : " documents, by their pages as counted before they are sent");
    printf(row, "confirmed", credits_format(b->confirmed, amount), count_format(b->pages, pages),
           b->pages == 1 ? " page that Mindee read" : " pages that Mindee read");
    if (b->open.micro)
        printf(row, "open", credits_format(b->open, amount), "taken by Mindee, no result yet", "");
    if (b->at_risk.micro)
        printf(row, "at risk", credits_format(b->at_risk, amount), "of uploads without an answer",
               "");
    if (b->resent)
        printf(row, "", count_format(b->resent, count), "sent again out of doubt", "");
    if (b->failed)
        printf(row, "failed", count_format(b->failed, count), "documents; free", "");
    if (b->rejected)
        printf(row, "rejected", count_format(b->rejected, count), "documents, never sent; free",
               "");
    if (b->saved.micro)
        printf(row, "saved", credits_format(b->saved, amount), "by files of the same content", "");
}

/* The columns of numbers that are shown, of those that a row has: where any isn't 0. */
static bool is_shown(const struct showing *s, size_t column)
{
    struct credit_cells cells;
    for (size_t i = 0; i < s->rows.count; i++) {
        credit_row_cells(&s->rows, &s->rows.rows[i], s->by, &cells);
        if (strcmp(cells.cells[column].text, "0") != 0)
            return true;
    }
    return false;
}

static bool is_utc(const struct showing *s)
{
    const char *zone = config_settings(s->cl->config)->schedule.timezone;
    return !zone || strcmp(zone, "UTC") == 0;
}

static const char *heading(const char *column)
{
    static const char *const words[][2] = {
        {"confirmed_utc", "in UTC"}, {"begins_at", "begins (UTC)"}, {"at_risk", "at risk"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(column, words[i][0]) == 0)
            return words[i][1];
    return column;
}

static void print_rows(const struct showing *s)
{
    struct layout_column columns[CREDITS_COLUMNS_MOST];
    struct credit_cells cells;
    bool shown[CREDITS_COLUMNS_MOST] = {false};
    size_t count = credit_columns(s->by, columns);
    for (size_t i = 0; i < count; i++) {
        bool of_utc = strcmp(columns[i].name, "confirmed_utc") == 0 ||
                      strcmp(columns[i].name, "begins_at") == 0;
        shown[i] = (columns[i].kind != COLUMN_NUMBER || is_shown(s, i)) && !(of_utc && is_utc(s));
    }
    printf("\n");
    for (size_t k = 0; k <= s->rows.count; k++) {
        if (k)
            credit_row_cells(&s->rows, &s->rows.rows[k - 1], s->by, &cells);
        for (size_t i = 0; i < count; i++) {
            const char *text = k ? cells.cells[i].text : heading(columns[i].name);
            bool number = columns[i].kind == COLUMN_NUMBER;
            if (shown[i])
                printf(number ? " %*s" : "  %-*s", number ? 10 : columns[i].width,
                       *text ? text_show(text) : "(none)");
        }
        printf("\n");
    }
}

/* What there is to compare with, and why it may be another number. */
static void print_insights(const struct showing *s)
{
    const struct bill *b = &s->rows.sum;
    struct buffer words, text;
    char least[CREDITS_TEXT_MAX], most[CREDITS_TEXT_MAX];
    buffer_init(&words, 0);
    buffer_init(&text, 0);
    buffer_printf(&words, "Mindee's Insights page should show %s credit%s for these documents",
                  credits_format(b->confirmed, least),
                  b->confirmed.micro == CREDIT_MICROS ? "" : "s");
    if (b->at_risk.micro)
        buffer_printf(&words, ", and up to %s if what is at risk was charged",
                      credits_format(credits_add(b->confirmed, b->at_risk), most));
    buffer_put(&words,
               ". The two may differ: Insights has whatever uses the organisation, not this ledger "
               "alone; a page is at limits.credits_per_page here, as that was when it was sent; a "
               "job is here on the day its upload began, in schedule.timezone, and Insights may "
               "have it on the day it was read, in UTC.");
    text_wrap(&text, "", "", TEXT_WIDTH, buffer_text(&words));
    printf("\n%s", buffer_text(&text));
    buffer_release(&words);
    buffer_release(&text);
}

static void print_text(const struct showing *s)
{
    printf("%s\n", text_show(s->options->output));
    print_total(&s->rows.sum);
    if (s->by && s->rows.count)
        print_rows(s);
    print_insights(s);
}

/* --- what is read --- */

/* All at one moment; the exit code. */
static int read_rows(struct showing *s, struct ledger *l)
{
    const struct credit_options options = {
        .by = s->by, .zone = &s->zone, .price = s->options->spending.price};
    struct ledger_counts counts;
    struct error e;
    ledger_read_begin(l);
    int err = ledger_counts(l, &counts);
    if (err)
        e = *ledger_error(l);
    else
        err = credit_rows_read(&s->rows, l, &options, &e);
    ledger_read_end(l);
    if (err)
        return complain(exit_code_of(&e), "%s", e.text);
    if (credit_rows_check(&s->rows, &counts, &e))
        return complain(EXIT_BUG, "%s", e.text);
    return 0;
}

static int show(struct showing *s, struct ledger *l)
{
    struct error e;
    int code = read_rows(s, l);
    if (code)
        return code;
    if (s->asked->csv)
        return print_csv(s, &e) ? complain(EXIT_RESUMABLE, "%s", e.text) : 0;
    if (s->asked->json)
        print_json(s);
    else
        print_text(s);
    return 0;
}

static int read_asked(struct showing *s)
{
    const struct credits_asked *asked = s->asked;
    struct error e;
    if (s->cl->path_count)
        return complain(EXIT_USAGE, "credits takes no PATH: explain PATH tells what one document "
                                    "cost");
    if (asked->csv && asked->json)
        return complain(EXIT_USAGE, "--csv or --json, not both");
    for (size_t i = 0; asked->by && i < sizeof groups / sizeof *groups; i++)
        if (strcmp(asked->by, groups[i].word) == 0)
            s->by = groups[i].by;
    if (asked->by && !s->by)
        return complain(EXIT_USAGE, "--by %s: it is day, period or model", text_show(asked->by));
    if (schedule_read_zone(&s->zone, s->cl->config, &e) < 0)
        return complain(EXIT_USAGE, "schedule.timezone: %s", e.text);
    return 0;
}

static int credits(const struct command_line *cl)
{
    struct showing *s = xcalloc(1, sizeof *s);
    struct batch_options o;
    struct error e;
    struct ledger *l = NULL;
    batch_options_of_ledger(&o, cl->config);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    s->cl = cl;
    s->asked = cl->own;
    s->options = &o;
    int code = read_asked(s);
    if (!code && ledger_open(&l, &lo, &e) < 0)
        code = e.code == ERR_NOT_FOUND ? complain_no_ledger(o.ledger, ENOENT)
                                       : complain(exit_code_of(&e), "%s", e.text);
    if (!code)
        code = show(s, l);
    if (l)
        ledger_close(l);
    credit_rows_release(&s->rows);
    batch_options_release(&o);
    free(s);
    return code;
}

static const struct command_option options[] = {
    {"by", "WHAT", "a line for each day, period or model", offsetof(struct credits_asked, by)},
    {"csv", NULL, "as a table, in the form of export.profile", offsetof(struct credits_asked, csv)},
    {"json", NULL, "for programs", offsetof(struct credits_asked, json)},
    {NULL, NULL, NULL, 0}};

const struct command credits_command = {
    .name = "credits",
    .arguments = "",
    .summary = "what it cost, to lie beside Mindee's own page",
    .help = "Planned, by pages as counted; confirmed, by Mindee's results, each upload at the\n"
            "price that it was sent at; open, at risk, free, saved by duplicates. Days are\n"
            "those of schedule.timezone, with UTC beside. The total is that of status.\n",
    .example = "-s output.directory=out --by day",
    .options = options,
    .own_size = sizeof(struct credits_asked),
    .by_batch = true,
    .each = true,
    .run = credits,
};
