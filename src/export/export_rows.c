/* The rows of one document: its result flattened, each row with a cell a column, handed to the sink in the
 * order of the tables. Settings and dates are put into words once, not for each document. */
#include "export/export_internal.h"

#include "base/array.h"
#include "base/text.h"
#include "calendar/zone.h"
#include "export/export_days.h"
#include "export/export_flat.h"
#include "export/export_own_tables.h"
#include "export/export_review.h"
#include "ledger/file_names.h"
#include "ledger/sent_settings.h"
#include "tables/dense_row.h"
#include "tables/row_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export_settings {
    int64_t id;
    char *product, *model_id, *options;
};

static int write_row(struct export_making *m, size_t table, const struct cell *cells)
{
    return export_sink_row(m, table, cells, &m->error);
}

static int write_flat(void *making, const struct cell *cells)
{
    return write_row(making, 0, cells);
}

/* --- the layout --- */

static struct export_places places_of(const struct export_making *m, const char *const *columns)
{
    const struct layout *l = m->layout;
    struct export_places found = {.count = 0};
    for (; columns && *columns && l->table_count; columns++) {
        int place = layout_column_find(&l->tables[0], *columns);
        if (place >= 0 && found.count < EXPORT_PLACES_MOST)
            found.places[found.count++] = place;
    }
    return found;
}

static void find_sums(struct export_making *m)
{
    const struct export_sums *sums = &m->options->sums;
    m->sums.currency = places_of(m, sums->currency);
    m->sums.net = places_of(m, sums->net);
    m->sums.tax = places_of(m, sums->tax);
    m->sums.total = places_of(m, sums->total);
}

/* Of the tables that results have; our own aren't among those. */
static int wanted_layout(struct export_making *m, struct layout_options options, struct error *e)
{
    const struct export_options *o = m->options;
    const char **names = xcalloc(o->table_count + 1, sizeof *names);
    int err = 0;
    for (size_t i = 0; i < o->table_count; i++)
        if (!export_own_is_name(o->tables[i]))
            names[options.table_count++] = o->tables[i];
    options.tables = names;
    if (options.table_count || !o->table_count)
        err = layout_new(&m->wanted, m->columns, &options, e);
    free(names);
    return err;
}

/* What is added up is read from `documents`, so that this table is always made, and shown if asked for. */
int export_layout(struct export_making *m, struct error *e)
{
    const struct export_options *o = m->options;
    const struct layout_options all = {
        .lowest = o->lowest,
        .each_confidence = o->each_confidence,
        .each_page = o->pages,
        .words = o->words,
    };
    static const struct layout none;
    int err = layout_new(&m->layout, m->columns, &all, e);
    if (!err)
        err = wanted_layout(m, all, e);
    if (err)
        return err;
    m->shown = m->wanted ? m->wanted : &none;
    if (o->flat)
        err = export_flat_new(&m->flat, m->layout, o->flat, write_flat, m, e);
    if (m->flat)
        m->shown = export_flat_layout(m->flat);
    export_own_layout(m);
    m->rows = xcalloc(m->shown->table_count + 1, sizeof *m->rows);
    m->places = xcalloc(m->layout->table_count + 1, sizeof *m->places);
    for (size_t i = 0, k = 0; i < m->layout->table_count; i++) { /* both in one order */
        bool here = m->wanted && k < m->wanted->table_count &&
                    strcmp(m->layout->tables[i].name, m->wanted->tables[k].name) == 0;
        m->places[i] = here ? (int)k++ : -1;
    }
    find_sums(m);
    m->dense = dense_row_new(m->layout);
    return err;
}

/* --- what is known of a document --- */

static void keep_settings(void *ctx, const struct ledger_settings *s)
{
    struct export_settings *kept = ctx;
    kept->product = xstrdup(s->product);
    kept->model_id = xstrdup(s->model_id ? s->model_id : "");
    kept->options = xstrdup(s->options);
}

static const struct export_settings *settings_of(struct export_making *m, int64_t id)
{
    for (size_t i = 0; i < m->settings_count; i++)
        if (m->settings[i].id == id)
            return &m->settings[i];
    ARRAY_RESERVE(m->settings, m->settings_capacity, m->settings_count + 1);
    struct export_settings *kept = &m->settings[m->settings_count];
    *kept = (struct export_settings){.id = id};
    if (ledger_settings_get(m->ledger, id, keep_settings, kept) < 0)
        return NULL;
    m->settings_count++;
    return kept;
}

/* The name of its result below results/, without ".json", as it can be shown. */
static void put_file(struct export_making *m, const struct ledger_stored *s)
{
    enum { ENDING = 5 };
    struct buffer *name = &m->text.name;
    buffer_clear(name);
    buffer_clear(&m->text.file);
    buffer_clear(&m->text.result);
    ledger_result_file(m->ledger, s->name, name);
    size_t len = name->len > ENDING ? name->len - ENDING : name->len;
    text_display(&m->text.file, buffer_text(name), len);
    buffer_put(&m->text.result, "results/");
    text_display(&m->text.result, buffer_text(name), name->len);
}

static int facts_of(struct export_making *m, const struct ledger_stored *s,
                    struct document_facts *facts)
{
    const struct export_settings *settings = settings_of(m, s->settings_id);
    if (settings == NULL) {
        m->error = *ledger_error(m->ledger);
        return m->error.code;
    }
    put_file(m, s);
    wall_format(s->received_at, m->text.stored_at);
    hex_encode(s->sha256, SHA256_BYTES, m->text.sha256);
    *facts = (struct document_facts){
        .file = buffer_text(&m->text.file),
        .result = buffer_text(&m->text.result),
        .stored_at = m->text.stored_at,
        .period = s->period,
        .model = settings->model_id,
        .job = s->job_id,
        .sha256 = m->text.sha256,
        .files = s->files,
        .pages = s->pages,
    };
    record_key(s->sha256, settings->product, settings->model_id, settings->options, facts->key);
    return 0;
}

/* --- rows --- */

/* The first that isn't null; NULL: the record has none of them. */
static const struct cell *cell_at(const struct cell *cells, const struct export_places *at)
{
    for (int i = 0; i < at->count; i++)
        if (cells[at->places[i]].kind != CELL_NONE && cells[at->places[i]].kind != CELL_NULL)
            return &cells[at->places[i]];
    return NULL;
}

/* The record's currency, which its amounts are shown in; "" if none was read. */
static void note_currency(struct export_making *m, const struct cell *cells)
{
    const struct cell *c = cell_at(cells, &m->sums.currency);
    size_t len = c && c->kind == CELL_TEXT ? c->len : 0;
    buffer_clear(&m->text.currency);
    if (len && len < CONTROL_CURRENCY_MAX)
        REQUIRE(buffer_append(&m->text.currency, c->text, len) == 0);
}

static void add_up(struct export_making *m, size_t record, const struct cell *cells)
{
    control_totals_record(&m->outcome->control, export_review_state(m, record),
                          cell_at(cells, &m->sums.currency), cell_at(cells, &m->sums.net),
                          cell_at(cells, &m->sums.tax), cell_at(cells, &m->sums.total));
}

static int write_rows(struct export_making *m, const struct flat_record *record)
{
    int rc = 0;
    row_order_make(&m->order, m->layout, m->shown_document, record);
    for (size_t i = 0; !rc && i < m->order.count; i++) {
        const struct flat_row *row = &m->shown_document->rows[row_order_row(&m->order, i)];
        int table = layout_table_place(m->layout, row->table);
        if (!m->flat && m->places[table] < 0)
            continue;
        dense_row_fill(m->dense, record, row);
        rc = m->flat ? export_flat_row(m->flat, (size_t)table, dense_row_cells(m->dense))
                     : write_row(m, (size_t)m->places[table], dense_row_cells(m->dense));
    }
    if (!rc && m->flat)
        rc = export_flat_end(m->flat);
    return rc;
}

static int write_record(struct export_making *m, size_t number, const struct document_facts *facts,
                        const char *input)
{
    const struct flat_record *record = &m->shown_document->records[number];
    char key[RECORD_KEY_MAX + sizeof record->suffix];
    snprintf(key, sizeof key, "%s%s", facts->key, record->suffix);
    buffer_clear(&m->text.currency);
    dense_row_review(m->dense, export_review_record(m, number));
    if (record->has_fields) {
        dense_row_fill(m->dense, record, &m->shown_document->rows[record->rows]);
        note_currency(m, dense_row_cells(m->dense));
        add_up(m, number, dense_row_cells(m->dense));
    }
    size_t note_count;
    const struct table_note *notes = export_review_notes(m, number, &note_count);
    const struct table_record head = {.key = key,
                                      .file = facts->file,
                                      .has_fields = record->has_fields,
                                      .currency = buffer_text(&m->text.currency),
                                      .input = input,
                                      .notes = notes,
                                      .note_count = note_count};
    int rc = m->sink->kind->record(m->sink, &head, &m->error);
    return rc ? rc : write_rows(m, record);
}

/* A result that isn't one for tables is no reason to keep the others back. */
static int leave_out(struct export_making *m, const char *file, const struct error *why)
{
    if (m->options->status == EXPORT_ANY)
        control_totals_document(&m->outcome->control, 0);
    m->unreadable++;
    left_out_note(&m->outcome->notes, "%s: %s", file, why->text);
    return 0;
}

/* All of them count, if all were asked for; else those that were chosen alone. */
static int write_document(struct export_making *m, const struct ledger_stored *s,
                          const struct document_facts *facts)
{
    int64_t records = 0;
    int rc = export_review_document(m, facts->key, s->files);
    if (rc)
        return rc;
    dense_row_document(m->dense, facts, m->shown_document);
    for (size_t i = 0; !rc && i < m->shown_document->record_count; i++) {
        const struct flat_record *record = &m->shown_document->records[i];
        if (!export_review_chosen(m, i))
            continue;
        records += record->has_fields;
        if (record->has_fields || record->row_count)
            rc = write_record(m, i, facts, s->path);
    }
    if (records || m->options->status == EXPORT_ANY) {
        export_days_count(m->days, m->options->zone, s->received_at);
        control_totals_document(&m->outcome->control, records);
    }
    return rc;
}

int export_rows(void *making, const struct ledger_stored *s)
{
    struct export_making *m = making;
    struct document_facts facts;
    struct error unreadable;
    const struct flatten_options options = {.words = m->options->words};
    int rc = facts_of(m, s, &facts);
    if (rc)
        return rc;
    rc = flatten(m->document, m->columns, &options, s->json, s->json_len, &unreadable);
    if (rc == ERR_MEMORY)
        return error_set(&m->error, rc, "%s: %s", facts.file, unreadable.text);
    if (rc)
        return leave_out(m, facts.file, &unreadable);
    m->unknown_forms += m->document->unknown_forms;
    m->mended_texts += m->document->mended_texts;
    return write_document(m, s, &facts);
}

void export_rows_free(struct export_making *m)
{
    for (size_t i = 0; i < m->settings_count; i++) {
        free(m->settings[i].product);
        free(m->settings[i].model_id);
        free(m->settings[i].options);
    }
    free(m->settings);
    free(m->rows);
    free(m->places);
    row_order_release(&m->order);
    dense_row_free(m->dense);
    export_flat_free(m->flat);
    layout_free(m->layout);
    layout_free(m->wanted);
    buffer_release(&m->text.name);
    buffer_release(&m->text.file);
    buffer_release(&m->text.result);
    buffer_release(&m->text.currency);
}
