/* See record_json.h. A value's locations are handed on as they were sent, but for the page, which the page counts from 1: the
 * result was scanned when it was flattened, so what stands there is JSON, and the browser looks at its shape. */
#include "review_page/record_json.h"

#include "base/json_scan.h"
#include "format/json_string.h"
#include "review/check_options.h"
#include "tables/columns.h"
#include "tables/row_order.h"

#include <stdlib.h>
#include <string.h>

enum { LOCATIONS_MAX = 64 * 1024 /* bytes of one value's */ };

static void put_name(struct buffer *out, const char *name)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    buffer_printf(out, "%s\"%s\":", last == '{' ? "" : ",", name);
}

void record_json_text(struct buffer *out, const char *name, const char *text)
{
    put_name(out, name);
    if (text)
        json_string_put(out, text, strlen(text));
    else
        buffer_put(out, "null");
}

void record_json_reasons(struct buffer *out, const struct reasons *reasons)
{
    put_name(out, "reasons");
    buffer_put(out, "[");
    for (size_t i = 0; i < reasons->count; i++) {
        const struct reason *r = &reasons->items[i];
        buffer_put(out, i ? ",{" : "{");
        record_json_text(out, "code", check_code_name(r->code));
        record_json_text(out, "severity", severity_name(r->severity));
        record_json_text(out, "field", r->field);
        record_json_text(out, "text", r->text);
        if (*r->difference)
            record_json_text(out, "difference", r->difference);
        if (*r->of)
            record_json_text(out, "of", r->of);
        if (r->fresh)
            buffer_put(out, ",\"new\":true");
        buffer_put(out, "}");
    }
    buffer_put(out, "]");
}

/* As people write it, with the decimals of its currency; one that is no number as it was read. */
static const char *total_of(const struct fact *fact, char out[DECIMAL_TEXT_MAX])
{
    struct decimal total;
    const char *text = fact->values[ROLE_TOTAL];
    if (!text || decimal_parse(&total, text, strlen(text)) != 0)
        return text;
    return decimal_format(total, fact->decimals, out);
}

void record_json_head(struct buffer *out, const struct review_record *record, const char *file)
{
    const char *const *values = (const char *const *)record->fact.values;
    char total[DECIMAL_TEXT_MAX];
    record_json_text(out, "record", record->fact.key);
    record_json_text(out, "file", file);
    record_json_text(out, "status", review_state_names[record->state]);
    record_json_text(out, "version", record->version);
    record_json_text(out, "supplier", values[ROLE_SUPPLIER]);
    record_json_text(out, "number", values[ROLE_NUMBER]);
    record_json_text(out, "date", values[ROLE_DATE]);
    record_json_text(out, "total", total_of(&record->fact, total));
    record_json_text(out, "currency", values[ROLE_CURRENCY]);
    record_json_reasons(out, &record->reasons);
}

/* --- paths --- */

/* The table that the list in TABLE lies in, for a list in a list: the longest one whose name its name goes on from. */
static const char *outer_table(const struct columns *c, const char *table, int levels)
{
    const char *best = NULL;
    for (size_t t = 1; t < columns_table_count(c); t++) {
        const char *name = columns_table(c, t)->name;
        size_t len = strlen(name);
        if (columns_table(c, t)->levels == levels && strncmp(table, name, len) == 0 &&
            table[len] == '.' && (!best || len > strlen(best)))
            best = name;
    }
    return best;
}

/* "line_items" without the row's own number, "orders[1].lines" for a list in a list. */
static void put_list(struct buffer *out, const struct columns *c, const char *table,
                     const struct flat_row *row, uint32_t up)
{
    uint32_t left = row->up_count - up;
    const char *outer = left ? outer_table(c, table, (int)left) : NULL;
    const char *rest = table;
    if (outer) {
        put_list(out, c, outer, row, up + 1);
        buffer_printf(out, "[%lld]", (long long)row->up[up]);
        rest += strlen(outer) + 1;
        if (strcmp(rest, "#") == 0)
            return;
        buffer_put(out, ".");
    }
    buffer_put(out, rest);
}

/* --- fields --- */

static void put_locations(struct buffer *out, const struct flat_cell *cell)
{
    if (!cell->locations || cell->locations_len > LOCATIONS_MAX)
        return;
    struct json_scan s;
    const char *from = cell->locations;
    put_name(out, "locations");
    json_scan_init(&s, cell->locations, cell->locations_len);
    while (json_scan_next(&s) > 0)
        if (!s.closed && s.depth == 2 && s.kind == JSON_NUMBER && s.key_len == 4 &&
            memcmp(s.key, "page", 4) == 0 && s.len < 9) {
            REQUIRE(buffer_append(out, from, (size_t)(s.text - from)) == 0);
            buffer_printf(out, "%lld", strtoll(s.text, NULL, 10) + 1);
            from = s.text + s.len;
        }
    const char *end = cell->locations + cell->locations_len;
    REQUIRE(buffer_append(out, from, (size_t)(end - from)) == 0);
}

static const struct correction *correction_of(const struct corrections *list, const char *path)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind <= CORRECTION_CLEAR && strcmp(list->items[i].path, path) == 0)
            return &list->items[i];
    return NULL;
}

/* Up to where a value is shown: never within a character. */
static size_t shown_length(const struct cell *cell)
{
    size_t len = cell->len;
    if (len <= RECORD_VALUE_MAX)
        return len;
    for (len = RECORD_VALUE_MAX; len > 0 && (cell->text[len] & 0xc0) == 0x80; len--)
        ;
    return len;
}

static void put_value(struct buffer *out, const char *name, const struct cell *cell)
{
    put_name(out, name);
    if (cell->kind == CELL_NONE || cell->kind == CELL_NULL)
        buffer_put(out, "null");
    else
        json_string_put(out, cell->text, shown_length(cell));
}

const char *record_kind_name(enum column_kind kind)
{
    static const char *const names[] = {[COLUMN_TEXT] = "text",
                                        [COLUMN_NUMBER] = "number",
                                        [COLUMN_DATE] = "date",
                                        [COLUMN_BOOLEAN] = "boolean"};
    return names[kind];
}

static const char *kind_of(const struct layout_column *column, const struct cell *cell)
{
    if (cell->kind == CELL_NUMBER || column->kind == COLUMN_NUMBER)
        return "number";
    if (cell->kind == CELL_BOOLEAN || column->kind == COLUMN_BOOLEAN)
        return "boolean";
    return record_kind_name(column->kind);
}

static void put_field(struct buffer *out, const struct record_fields *f, const char *list,
                      const struct flat_row *row, const struct layout_column *column,
                      const struct flat_cell *cell, bool removed)
{
    struct buffer path;
    buffer_init(&path, 0);
    if (*list)
        buffer_printf(&path, "%s[%lld]%s", list, (long long)row->n, cell->item ? "" : ".");
    if (!cell->item)
        buffer_put(&path, column->name);
    buffer_put(out, out->data[out->len - 1] == '[' ? "{" : ",{");
    record_json_text(out, "path", buffer_text(&path));
    if (*list) {
        record_json_text(out, "list", list);
        buffer_printf(out, ",\"row\":%lld", (long long)row->n);
        record_json_text(out, "column", cell->item ? "" : column->name);
    }
    record_json_text(out, "kind", kind_of(column, &cell->value));
    put_value(out, "value", &cell->value);
    const struct correction *corrected = correction_of(f->corrections, buffer_text(&path));
    if (corrected)
        record_json_text(out, "read", *corrected->was ? corrected->was : NULL);
    else
        put_value(out, "read", &cell->value);
    if (cell->confidence && !corrected) {
        put_name(out, "confidence");
        json_string_put(out, cell->confidence, cell->confidence_len);
    }
    if (cell->value.len > RECORD_VALUE_MAX || cell->value.kind == CELL_JSON)
        buffer_put(out, ",\"cut\":true");
    if (f->places)
        put_locations(out, cell);
    buffer_put(out, removed ? ",\"removed\":true}" : "}");
    buffer_release(&path);
}

/* The cells of a row of DOC by their places in the layout's table. */
static size_t put_row(struct buffer *out, const struct record_fields *f,
                      const struct flat_document *doc, const struct flat_row *row, size_t room)
{
    bool removed = doc != f->doc;
    int place = layout_table_place(f->layout, row->table);
    if (place < 0)
        return 0;
    const struct layout_table *table = &f->layout->tables[place];
    const struct flat_cell **slots = xcalloc(table->column_count + 1, sizeof *slots);
    struct buffer list;
    size_t put = 0;
    buffer_init(&list, 0);
    if (row->table)
        put_list(&list, f->columns, columns_table(f->columns, row->table)->name, row, 0);
    for (size_t i = 0; i < row->cell_count; i++) {
        const struct flat_cell *cell = &doc->cells[row->cells + i];
        int at = cell->joined ? -1 : layout_column_place(f->layout, cell->column);
        if (at >= 0)
            slots[at] = cell;
    }
    for (size_t i = 0; i < table->column_count && put < room; i++)
        if (slots[i]) {
            put_field(out, f, buffer_text(&list), row, &table->columns[i], slots[i], removed);
            put++;
        }
    buffer_release(&list);
    free(slots);
    return put;
}

/* Rows that somebody took away, as Mindee read them. */
static size_t put_removed(struct buffer *out, const struct record_fields *f, size_t room)
{
    size_t put = 0;
    for (size_t c = 0; c < f->corrections->count; c++) {
        struct value_place p;
        const struct correction *one = &f->corrections->items[c];
        if (one->kind != CORRECTION_REMOVE || !value_place_look(&p, f->columns, one->path))
            continue;
        for (size_t i = 0; i < f->record_read->row_count && put < room; i++) {
            const struct flat_row *row = &f->read->rows[f->record_read->rows + i];
            if (value_place_is_row(&p, row))
                put += put_row(out, f, f->read, row, room - put);
        }
    }
    return put;
}

void record_json_fields(struct buffer *out, const struct record_fields *f)
{
    struct row_order order = {0};
    size_t put = 0;
    put_name(out, "fields");
    buffer_put(out, "[");
    row_order_make(&order, f->layout, f->doc, f->record);
    for (size_t i = 0; i < order.count && put < RECORD_FIELDS_MAX; i++)
        put += put_row(out, f, f->doc, &f->doc->rows[row_order_row(&order, i)],
                       RECORD_FIELDS_MAX - put);
    put += put_removed(out, f, RECORD_FIELDS_MAX - put);
    buffer_put(out, "]");
    if (put == RECORD_FIELDS_MAX)
        buffer_put(out, ",\"cut\":true");
    row_order_release(&order);
}
