/* See record_json.h: the lists of a record, so that the page can add a row to one that has none, and knows what stands in it.
 * Lists in lists are none of them: no row is added there. */
#include "review_page/record_json.h"

#include "tables/columns.h"

#include <string.h>

/* A list of simple values has a column of its own name in the record, where they stand joined. */
static bool is_simple(const struct layout *layout, const struct layout_table *table)
{
    return layout_column_find(&layout->tables[0], table->name) >= 0;
}

static bool put_columns(struct buffer *out, const struct layout *layout,
                        const struct layout_table *table)
{
    bool any = false, simple = is_simple(layout, table);
    buffer_put(out, ",\"columns\":[");
    for (size_t i = 0; i < table->column_count; i++) {
        const struct layout_column *column = &table->columns[i];
        if (column->own || (simple && strcmp(column->name, "value") != 0))
            continue;
        buffer_put(out, any ? ",{" : "{");
        record_json_text(out, "column", simple ? "" : column->name);
        record_json_text(out, "kind", record_kind_name(column->kind));
        buffer_put(out, "}");
        any = true;
    }
    buffer_put(out, "]");
    return any;
}

/* The rows of TABLE that there are; returns the highest number. */
static int64_t put_rows(struct buffer *out, const struct record_fields *f, uint32_t table)
{
    int64_t last = 0;
    bool any = false;
    buffer_put(out, ",\"rows\":[");
    for (size_t i = 0; i < f->record->row_count; i++) {
        const struct flat_row *row = &f->doc->rows[f->record->rows + i];
        if (row->table != table)
            continue;
        buffer_printf(out, "%s%lld", any ? "," : "", (long long)row->n);
        any = true;
        last = row->n > last ? row->n : last;
    }
    buffer_put(out, "]");
    return last;
}

static int64_t last_read(const struct record_fields *f, uint32_t table)
{
    int64_t last = 0;
    for (size_t i = 0; i < f->record_read->row_count; i++) {
        const struct flat_row *row = &f->read->rows[f->record_read->rows + i];
        if (row->table == table && row->n > last)
            last = row->n;
    }
    return last;
}

static void put_list(struct buffer *out, const struct record_fields *f, uint32_t table)
{
    int place = layout_table_place(f->layout, table);
    size_t began = out->len;
    if (place < 0 || columns_table(f->columns, table)->levels != 1)
        return;
    buffer_put(out, out->data[out->len - 1] == '[' ? "{" : ",{");
    record_json_text(out, "list", f->layout->tables[place].name);
    bool any = put_columns(out, f->layout, &f->layout->tables[place]);
    int64_t last = put_rows(out, f, table), read = last_read(f, table);
    buffer_printf(out, ",\"next\":%lld}", (long long)((read > last ? read : last) + 1));
    if (!any) {
        out->len = began;
        out->data[began] = '\0';
    }
}

void record_json_lists(struct buffer *out, const struct record_fields *f)
{
    buffer_put(out, ",\"lists\":[");
    for (uint32_t t = 1; t < columns_table_count(f->columns); t++)
        put_list(out, f, t);
    buffer_put(out, "]");
}
