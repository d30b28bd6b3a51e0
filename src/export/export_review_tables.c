/* See export_review_tables.h. The records were noted while they were exported; they are read once more, in the same
 * transaction, so that nothing but their ids is kept. What can fail: review.db, the ledger, the sink. */
#include "export/export_review_tables.h"

#include "base/decimal.h"
#include "export/export_internal.h"
#include "export/export_review.h"

#include <stdlib.h>
#include <string.h>

struct review_rows {
    struct export_making *making;
    size_t place;
    struct review_record record;
    struct buffer file;
    struct error *error;
};

static struct cell text_cell(const char *text)
{
    return text && *text ? (struct cell){CELL_TEXT, text, strlen(text)}
                         : (struct cell){CELL_NONE, NULL, 0};
}

static void begin(struct review_rows *r, struct export_making *m, size_t place, struct error *e)
{
    *r = (struct review_rows){.making = m, .place = place, .error = e};
    buffer_init(&r->file, 0);
}

static void end(struct review_rows *r)
{
    review_record_release(&r->record);
    buffer_release(&r->file);
}

/* FOUND as review_get says it. 1; 0: it isn't there, or its result was taken back; else an error. */
static int look(struct review_rows *r, int found)
{
    struct review *review = export_review_of(r->making);
    int err = found < 0 ? found : 0;
    buffer_clear(&r->file);
    if (found == 1)
        err = review_look(review, &r->record, &r->file);
    if (err == ERR_NOT_FOUND)
        return 0;
    if (err)
        *r->error = *review_error(review);
    return err ? err : found;
}

static int read_noted(struct review_rows *r, int64_t id)
{
    return look(r, review_get(export_review_of(r->making), id, &r->record));
}

/* Its amounts are in its currency, and its file can be found. */
static int tell_record(struct review_rows *r)
{
    const char *currency = r->record.fact.values[ROLE_CURRENCY];
    const struct table_record head = {.key = r->record.fact.key,
                                      .file = buffer_text(&r->file),
                                      .currency = currency ? currency : ""};
    return r->making->sink->kind->record(r->making->sink, &head, r->error);
}

/* Digits that are a number stand as one. */
static struct cell amount_cell(const char *text)
{
    struct decimal value;
    struct cell cell = text_cell(text);
    if (cell.kind == CELL_TEXT && decimal_parse(&value, cell.text, cell.len) == 0)
        cell.kind = CELL_NUMBER;
    return cell;
}

/* --- _review --- */

enum {
    AT_RECORD,
    AT_FILE,
    AT_SUPPLIER,
    AT_NUMBER,
    AT_DATE,
    AT_TOTAL,
    AT_CURRENCY,
    AT_STATUS,
    AT_SEVERITY,
    AT_CODE,
    AT_PLACE,
    AT_TEXT,
    AT_DIFFERENCE,
    AT_OF,
    AT_DECIDED_BY,
    AT_DECIDED_AT,
    AT_DECIDED_NOTE,
    AT_VERSION,
    AT_DECISION,
    AT_FIELD,
    AT_VALUE,
    AT_NOTE,
    REVIEW_COLUMNS
};
_Static_assert((int)REVIEW_COLUMNS <= (int)REVIEW_TABLES_COLUMNS_MOST, "room for them");

/* Those from `version` on are what `review import` reads; a correction's field isn't filled in beforehand, for a field
 * without a value is one that is to be cleared. */
size_t review_table_columns(const struct export_making *m, struct layout_column *out)
{
    static const struct layout_column columns[REVIEW_COLUMNS] = {
        [AT_RECORD] = {.name = "record", .width = 17},
        [AT_FILE] = {.name = "file", .width = 40},
        [AT_SUPPLIER] = {.name = "supplier", .width = 24},
        [AT_NUMBER] = {.name = "number", .width = 14},
        [AT_DATE] = {.name = "date", .kind = COLUMN_DATE, .width = 10},
        [AT_TOTAL] = {.name = "total", .kind = COLUMN_NUMBER, .amount = true, .width = 12},
        [AT_CURRENCY] = {.name = "currency", .width = 8},
        [AT_STATUS] = {.name = "status", .width = 9},
        [AT_SEVERITY] = {.name = "severity", .width = 8},
        [AT_CODE] = {.name = "code", .width = 20},
        [AT_PLACE] = {.name = "place", .width = 24},
        [AT_TEXT] = {.name = "text", .width = 50},
        [AT_DIFFERENCE] = {.name = "difference", .kind = COLUMN_NUMBER, .decimals = 2, .width = 10},
        [AT_OF] = {.name = "of", .width = 17},
        [AT_DECIDED_BY] = {.name = "decided_by", .width = 12},
        [AT_DECIDED_AT] = {.name = "decided_at", .width = 20},
        [AT_DECIDED_NOTE] = {.name = "decided_note", .width = 30},
        [AT_VERSION] = {.name = "version", .width = 16},
        [AT_DECISION] = {.name = "decision", .width = 10},
        [AT_FIELD] = {.name = "field", .width = 24},
        [AT_VALUE] = {.name = "value", .width = 20},
        [AT_NOTE] = {.name = "note", .width = 30},
    };
    (void)m;
    memcpy(out, columns, sizeof columns);
    return REVIEW_COLUMNS;
}

static int put_reason(struct review_rows *r, const struct reason *reason)
{
    const struct review_record *v = &r->record;
    struct cell cells[REVIEW_COLUMNS] = {
        [AT_RECORD] = text_cell(v->fact.key),
        [AT_FILE] = text_cell(buffer_text(&r->file)),
        [AT_SUPPLIER] = text_cell(v->fact.values[ROLE_SUPPLIER]),
        [AT_NUMBER] = text_cell(v->fact.values[ROLE_NUMBER]),
        [AT_DATE] = text_cell(v->fact.values[ROLE_DATE]),
        [AT_TOTAL] = amount_cell(v->fact.values[ROLE_TOTAL]),
        [AT_CURRENCY] = text_cell(v->fact.values[ROLE_CURRENCY]),
        [AT_STATUS] = text_cell(review_state_names[v->state]),
        [AT_DECIDED_BY] = text_cell(v->actor),
        [AT_DECIDED_AT] = text_cell(v->at),
        [AT_DECIDED_NOTE] = text_cell(v->note),
        [AT_VERSION] = text_cell(v->version),
    };
    if (reason) {
        cells[AT_SEVERITY] = text_cell(severity_name(reason->severity));
        cells[AT_CODE] = text_cell(check_code_name(reason->code));
        cells[AT_PLACE] = text_cell(reason->field);
        cells[AT_TEXT] = text_cell(reason->text);
        cells[AT_DIFFERENCE] = amount_cell(reason->difference);
        cells[AT_OF] = text_cell(reason->of);
    }
    return export_sink_row(r->making, r->place, cells, r->error);
}

/* Who was corrected or decided on without a reason has a row without one. */
static int put_review(struct review_rows *r)
{
    const struct reasons *reasons = &r->record.reasons;
    int err = tell_record(r);
    if (!err && !reasons->count)
        err = put_reason(r, NULL);
    for (size_t i = 0; i < reasons->count && !err; i++)
        err = put_reason(r, &reasons->items[i]);
    return err;
}

int review_table_rows(struct export_making *m, size_t place, struct error *e)
{
    struct review_rows r;
    size_t count;
    const struct export_noted *noted = export_review_noted(m, &count);
    int err = 0;
    begin(&r, m, place, e);
    for (size_t i = 0; i < count && !err; i++) {
        int n = noted[i].review ? read_noted(&r, noted[i].id) : 0;
        err = n < 0 ? n : n == 1 ? put_review(&r) : 0;
    }
    end(&r);
    return err;
}

/* --- _duplicates --- */

enum {
    IN_FAMILY,
    IN_RECORD,
    IN_FILE,
    IN_ROLE,
    IN_LEVEL,
    IN_TEXT,
    IN_SUPPLIER,
    IN_NUMBER,
    IN_DATE,
    IN_TOTAL,
    IN_CURRENCY,
    IN_STATUS,
    DUPLICATES_COLUMNS
};

size_t duplicates_table_columns(const struct export_making *m, struct layout_column *out)
{
    static const struct layout_column columns[DUPLICATES_COLUMNS] = {
        [IN_FAMILY] = {.name = "family", .width = 17},
        [IN_RECORD] = {.name = "record", .width = 17},
        [IN_FILE] = {.name = "file", .width = 40},
        [IN_ROLE] = {.name = "role", .width = 8},
        [IN_LEVEL] = {.name = "level", .width = 20},
        [IN_TEXT] = {.name = "agrees", .width = 50},
        [IN_SUPPLIER] = {.name = "supplier", .width = 24},
        [IN_NUMBER] = {.name = "number", .width = 14},
        [IN_DATE] = {.name = "date", .kind = COLUMN_DATE, .width = 10},
        [IN_TOTAL] = {.name = "total", .kind = COLUMN_NUMBER, .amount = true, .width = 12},
        [IN_CURRENCY] = {.name = "currency", .width = 8},
        [IN_STATUS] = {.name = "status", .width = 9},
    };
    (void)m;
    memcpy(out, columns, sizeof columns);
    return DUPLICATES_COLUMNS;
}

/* Why it is one; NULL: it is the original. */
static const struct reason *level_of(const struct reasons *reasons)
{
    for (size_t i = 0; i < reasons->count; i++)
        if (*reasons->items[i].of)
            return &reasons->items[i];
    return NULL;
}

static int put_member(struct review_rows *r)
{
    const struct fact *f = &r->record.fact;
    const struct reason *level = level_of(&r->record.reasons);
    bool original = strcmp(f->key, f->family) == 0;
    const struct cell cells[DUPLICATES_COLUMNS] = {
        [IN_FAMILY] = text_cell(f->family),
        [IN_RECORD] = text_cell(f->key),
        [IN_FILE] = text_cell(buffer_text(&r->file)),
        [IN_ROLE] = text_cell(original ? "original" : "later"),
        [IN_LEVEL] = text_cell(level ? check_code_name(level->code) : ""),
        [IN_TEXT] = text_cell(level ? level->text : ""),
        [IN_SUPPLIER] = text_cell(f->values[ROLE_SUPPLIER]),
        [IN_NUMBER] = text_cell(f->values[ROLE_NUMBER]),
        [IN_DATE] = text_cell(f->values[ROLE_DATE]),
        [IN_TOTAL] = amount_cell(f->values[ROLE_TOTAL]),
        [IN_CURRENCY] = text_cell(f->values[ROLE_CURRENCY]),
        [IN_STATUS] = text_cell(review_state_names[r->record.state]),
    };
    int err = tell_record(r);
    return err ? err : export_sink_row(r->making, r->place, cells, r->error);
}

static int by_family(const void *a, const void *b)
{
    const struct export_noted *x = a, *y = b;
    int order = strcmp(x->family, y->family);
    return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* Those of a family, the older first, in one piece; to be freed. */
static struct export_noted *sort_families(const struct export_making *m, size_t *count)
{
    size_t all;
    const struct export_noted *noted = export_review_noted(m, &all);
    struct export_noted *list = xcalloc(all + 1, sizeof *list);
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (noted[i].family)
            list[(*count)++] = noted[i];
    qsort(list, *count, sizeof *list, by_family);
    return list;
}

/* The original, which is looked up by its key: it may not be among what was chosen. */
static int put_original(struct review_rows *r, const char *family)
{
    int n = look(r, review_find(export_review_of(r->making), family, &r->record));
    return n == 1 ? put_member(r) : n;
}

static int put_later(struct review_rows *r, const struct export_noted *noted)
{
    int n = read_noted(r, noted->id);
    if (n != 1 || strcmp(r->record.fact.key, noted->family) == 0)
        return n < 0 ? n : 0;
    return put_member(r);
}

int duplicates_table_rows(struct export_making *m, size_t place, struct error *e)
{
    struct review_rows r;
    size_t count;
    struct export_noted *list = sort_families(m, &count);
    int err = 0;
    begin(&r, m, place, e);
    for (size_t i = 0; i < count && !err; i++) {
        if (i == 0 || strcmp(list[i].family, list[i - 1].family) != 0)
            err = put_original(&r, list[i].family);
        if (!err)
            err = put_later(&r, &list[i]);
    }
    end(&r);
    free(list);
    return err;
}
