/* See export_own_tables.h. What is shown is a layout of its own then: the tables of the results as they are,
 * with these behind. Failures are read when their turn comes, one by one; beside a run at work they may be a
 * moment newer than the numbers. What can fail: the ledger, the sink, and credits that aren't what the
 * ledger's numbers say, which is a fault of ours. */
#include "export/export_own_tables.h"

#include "base/array.h"
#include "base/text.h"
#include "export/credit_rows.h"
#include "export/export_internal.h"
#include "export/export_review_tables.h"
#include "ledger/listing.h"
#include "results/failures.h"

#include <stdlib.h>
#include <string.h>

struct export_own {
    struct export_own_choice choice;
    struct export_own_layout layout; /* what is shown */
    struct credit_rows credits;
};

static struct cell text_cell(const char *text)
{
    return (struct cell){CELL_TEXT, text, strlen(text)};
}

/* --- _failures --- */

enum { FAILURE_PATH, FAILURE_STATE, FAILURE_CODE, FAILURE_DETAIL, FAILURE_JOB, FAILURE_SINCE };
enum { FAILURE_COLUMNS = FAILURE_SINCE + 1 };

static size_t failure_columns(const struct export_making *m,
                              struct layout_column out[EXPORT_OWN_COLUMNS_MOST])
{
    static const struct layout_column columns[FAILURE_COLUMNS] = {
        [FAILURE_PATH] = {.name = "path", .width = 50},
        [FAILURE_STATE] = {.name = "state", .width = 10},
        [FAILURE_CODE] = {.name = "code", .width = 18},
        [FAILURE_DETAIL] = {.name = "detail", .width = 58},
        [FAILURE_JOB] = {.name = "job_id", .width = 36},
        [FAILURE_SINCE] = {.name = "since", .width = 20},
    };
    (void)m;
    memcpy(out, columns, sizeof columns);
    return FAILURE_COLUMNS;
}

struct failure_rows {
    struct export_making *making;
    size_t place;
    struct buffer path, detail;
    struct error *error;
};

/* An unread file is no document: nobody named it, and it has no time. */
static bool failure_is_chosen(const struct export_making *m, const struct failure *f,
                              struct wall since)
{
    const struct export_options *o = m->options;
    if (o->documents && !array_has_number(o->documents, o->document_count, f->document_id))
        return false;
    return !o->since.ms || since.ms >= o->since.ms;
}

static int put_failure(void *ctx, const struct failure *f)
{
    struct failure_rows *r = ctx;
    char since[WALL_TEXT_MAX];
    struct wall at = {0};
    int err = f->document_id ? ledger_since(r->making->ledger, f->document_id, &at) : 0;
    if (err || !failure_is_chosen(r->making, f, at))
        return err;
    buffer_clear(&r->path);
    buffer_clear(&r->detail);
    text_display(&r->path, f->path, strlen(f->path));
    text_display(&r->detail, f->detail, strlen(f->detail));
    const struct cell cells[FAILURE_COLUMNS] = {
        [FAILURE_PATH] = text_cell(buffer_text(&r->path)),
        [FAILURE_STATE] = text_cell(f->state),
        [FAILURE_CODE] = text_cell(f->code),
        [FAILURE_DETAIL] = text_cell(buffer_text(&r->detail)),
        [FAILURE_JOB] = text_cell(f->job_id),
        [FAILURE_SINCE] = text_cell(at.ms ? wall_format(at, since) : ""),
    };
    return export_sink_row(r->making, r->place, cells, r->error);
}

static int write_failures(struct export_making *m, size_t place, struct error *e)
{
    struct failure_rows r = {.making = m, .place = place, .error = e};
    buffer_init(&r.path, 0);
    buffer_init(&r.detail, 0);
    *e = (struct error){0};
    int err = failures_list(m->ledger, m->options->period, put_failure, &r);
    if (err && !e->code)
        *e = *ledger_error(m->ledger);
    buffer_release(&r.path);
    buffer_release(&r.detail);
    return err;
}

/* --- _credits --- */

_Static_assert((int)CREDITS_COLUMNS_MOST <= (int)EXPORT_OWN_COLUMNS_MOST, "room for them");

static size_t credits_columns(const struct export_making *m,
                              struct layout_column out[EXPORT_OWN_COLUMNS_MOST])
{
    return m ? credit_columns_fit(&m->own->credits, CREDITS_BY_ALL, out)
             : credit_columns(CREDITS_BY_ALL, out);
}

static int read_credits(struct export_making *m, struct error *e)
{
    const struct export_options *o = m->options;
    const struct credit_options options = {
        .by = CREDITS_BY_ALL,
        .zone = o->zone,
        .price = o->price,
        .period = o->period,
        .since = o->since,
        .documents = o->documents,
        .document_count = o->document_count,
    };
    int err = credit_rows_read(&m->own->credits, m->ledger, &options, e);
    if (err || o->documents || o->since.ms)
        return err;
    err = credit_rows_check(&m->own->credits, &m->outcome->control.counts, e);
    m->outcome->does_not_add_up = err != 0;
    return err;
}

static int write_credits(struct export_making *m, size_t place, struct error *e)
{
    const struct credit_rows *rows = &m->own->credits;
    struct credit_cells row;
    int err = 0;
    for (size_t i = 0; i < rows->count && !err; i++) {
        credit_row_cells(rows, &rows->rows[i], CREDITS_BY_ALL, &row);
        err = export_sink_row(m, place, row.cells, e);
    }
    return err;
}

/* --- all of them --- */

const struct export_own_table export_own_tables[] = {
    {"_review", review_table_columns, NULL, review_table_rows},
    {"_duplicates", duplicates_table_columns, NULL, duplicates_table_rows},
    {"_failures", failure_columns, NULL, write_failures},
    {"_credits", credits_columns, read_credits, write_credits},
    {NULL, NULL, NULL, NULL},
};
enum { OWN_TABLES = sizeof export_own_tables / sizeof *export_own_tables - 1 };
_Static_assert((int)REVIEW_TABLES_COLUMNS_MOST <= (int)EXPORT_OWN_COLUMNS_MOST, "room for them");
_Static_assert((int)OWN_TABLES <= (int)EXPORT_OWN_TABLES_MOST, "room for them");

bool export_own_is_name(const char *name)
{
    return *name == '_'; /* what begins so in a result is escaped */
}

static int refuse_name(const char *name, struct error *e)
{
    struct buffer known;
    buffer_init(&known, 0);
    for (size_t i = 0; i < OWN_TABLES; i++)
        buffer_printf(&known, "%s%s", i ? ", " : "", export_own_tables[i].name);
    int err = error_set(e, ERR_USAGE, "there is no table %s; the program's own are %s",
                        text_show(name), buffer_text(&known));
    buffer_release(&known);
    return err;
}

int export_own_choose(struct export_own_choice *out, const char *const *names, size_t count,
                      struct error *e)
{
    for (size_t i = 0; i < EXPORT_OWN_TABLES_MOST; i++)
        out->wanted[i] = count == 0 && i < OWN_TABLES;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        if (!export_own_is_name(names[i]))
            continue;
        while (at < OWN_TABLES && strcmp(export_own_tables[at].name, names[i]) != 0)
            at++;
        if (at == OWN_TABLES)
            return refuse_name(names[i], e);
        out->wanted[at] = true;
    }
    return 0;
}

static size_t count_chosen(const struct export_own_choice *choice)
{
    size_t count = 0;
    for (size_t i = 0; i < OWN_TABLES; i++)
        count += choice->wanted[i];
    return count;
}

void export_own_append(struct export_own_layout *out, const struct layout *lists,
                       const struct export_own_choice *choice, const struct export_making *m)
{
    size_t count = lists ? lists->table_count : 0;
    out->tables = xcalloc(count + OWN_TABLES, sizeof *out->tables);
    if (count)
        memcpy(out->tables, lists->tables, count * sizeof *out->tables);
    for (size_t i = 0; i < OWN_TABLES; i++)
        if (choice->wanted[i])
            out->tables[count++] = (struct layout_table){
                .name = export_own_tables[i].name,
                .columns = out->columns[i],
                .column_count = export_own_tables[i].columns(m, out->columns[i])};
    out->layout = (struct layout){out->tables, count};
}

void export_own_layout_release(struct export_own_layout *l)
{
    free(l->tables);
    l->tables = NULL;
}

int export_own_open(struct export_making *m, struct error *e)
{
    const struct export_options *o = m->options;
    bool one_table = o->flat || (o->format == EXPORT_CSV && o->file);
    m->own = xcalloc(1, sizeof *m->own);
    int err = export_own_choose(&m->own->choice, o->tables, o->table_count, e);
    if (err)
        return err;
    if (o->table_count == 0 && (one_table || o->format == EXPORT_JSONL))
        m->own->choice = (struct export_own_choice){{false}};
    if (count_chosen(&m->own->choice) && o->format == EXPORT_JSONL)
        return error_set(e, ERR_USAGE,
                         "JSON lines hold records alone: tables that begin with _ are in csv, "
                         "xlsx and sqlite");
    if (count_chosen(&m->own->choice) && o->flat)
        return error_set(e, ERR_USAGE,
                         "--flat makes one table: those that begin with _ aren't in it");
    return 0;
}

int export_own_read(struct export_making *m, struct error *e)
{
    int err = 0;
    for (size_t i = 0; i < OWN_TABLES && !err; i++)
        if (m->own->choice.wanted[i] && export_own_tables[i].read)
            err = export_own_tables[i].read(m, e);
    return err;
}

void export_own_layout(struct export_making *m)
{
    export_own_append(&m->own->layout, m->shown, &m->own->choice, m);
    m->shown = &m->own->layout.layout;
}

/* Rows that say nothing else are of no record: no currency, no file to link to. */
static int end_records(struct export_making *m, struct error *e)
{
    static const struct table_record none = {.key = "", .file = "", .currency = ""};
    return m->sink->kind->record(m->sink, &none, e);
}

int export_own_write(struct export_making *m, struct error *e)
{
    size_t wanted = count_chosen(&m->own->choice);
    int err = 0;
    size_t place = m->shown->table_count - wanted;
    for (size_t i = 0; i < OWN_TABLES && !err; i++) {
        if (!m->own->choice.wanted[i])
            continue;
        err = end_records(m, e);
        if (!err)
            err = export_own_tables[i].rows(m, place++, e);
    }
    return err;
}

void export_own_free(struct export_making *m)
{
    if (m->own == NULL)
        return;
    credit_rows_release(&m->own->credits);
    export_own_layout_release(&m->own->layout);
    free(m->own);
}
