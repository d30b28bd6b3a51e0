/* See jsonl_tables.h. An object is written as its rows come: what was opened is closed when the next
 * record begins, or at the end. A record's head stands in its row of `documents`; one without such a row
 * has a head of its key and file alone, which are kept until it is known. */
#include "export/jsonl_tables.h"

#include "format/json_string.h"

#include <errno.h>
#include <stdlib.h>

enum { BLOCK = 64 * 1024, NO_TABLE = -1 };

struct jsonl_tables {
    struct table_sink sink;
    const struct layout *layout;
    struct block_output out;
    struct export_file *file; /* NULL: a stream */
    FILE *stream;
    char *shown;
    struct buffer key, name; /* of the record */
    bool open;               /* a record was begun */
    bool headed;             /* ... and its record and values are written */
    int64_t table;           /* the list that is open in it, or NO_TABLE */
    int64_t records;
};

static struct jsonl_tables *of(struct table_sink *s)
{
    return (struct jsonl_tables *)(void *)s; /* its first member */
}

static int failure(const struct jsonl_tables *t, struct error *e)
{
    if (!block_output_failed(&t->out))
        return 0;
    *e = t->out.error;
    return t->file ? e->code : error_wrap(e, "%s", t->shown);
}

/* JSON text as it was sent, but in one line: outside of its strings a line end is a blank. */
static void put_json(struct block_output *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        block_output_char(out, text[i] == '\n' || text[i] == '\r' ? ' ' : text[i]);
}

static void put_value(struct block_output *out, const struct cell *c)
{
    switch (c->kind) {
    case CELL_NONE:
    case CELL_NULL:
        block_output_text(out, "null");
        break;
    case CELL_TEXT:
        json_string(out, c->text, c->len);
        break;
    case CELL_NUMBER:
    case CELL_BOOLEAN:
        block_output_add(out, c->text, c->len);
        break;
    case CELL_JSON:
        put_json(out, c->text, c->len);
        break;
    }
}

static void put_member(struct block_output *out, bool *first, const char *name,
                       const struct cell *c)
{
    if (!*first)
        block_output_char(out, ',');
    *first = false;
    json_string(out, name, strlen(name));
    block_output_char(out, ':');
    put_value(out, c);
}

/* Its own columns have an underscore in front; one that says something of a value stands with it. */
static bool is_of_record(const struct layout_column *column)
{
    return column->name[0] == '_';
}

static void put_documents_row(struct jsonl_tables *t, const struct layout_table *table,
                              const struct cell *cells)
{
    bool first = true;
    block_output_text(&t->out, "{\"record\":{");
    for (size_t i = 0; i < table->column_count; i++)
        if (is_of_record(&table->columns[i]))
            put_member(&t->out, &first, table->columns[i].name, &cells[i]);
    block_output_text(&t->out, "},\"values\":{");
    first = true;
    for (size_t i = 0; i < table->column_count; i++)
        if (!is_of_record(&table->columns[i]) && cells[i].kind != CELL_NONE)
            put_member(&t->out, &first, table->columns[i].name, &cells[i]);
    block_output_char(&t->out, '}');
    t->headed = true;
}

static void put_bare_head(struct jsonl_tables *t)
{
    block_output_text(&t->out, "{\"record\":{\"_record\":");
    json_string(&t->out, buffer_text(&t->key), t->key.len);
    block_output_text(&t->out, ",\"_file\":");
    json_string(&t->out, buffer_text(&t->name), t->name.len);
    block_output_text(&t->out, "},\"values\":{}");
    t->headed = true;
}

static void close_record(struct jsonl_tables *t)
{
    if (!t->open)
        return;
    if (!t->headed)
        put_bare_head(t);
    block_output_text(&t->out, t->table == NO_TABLE ? ",\"tables\":{}}\n" : "]}}\n");
    t->open = false;
    t->records++;
}

static int record(struct table_sink *s, const struct table_record *r, struct error *e)
{
    struct jsonl_tables *t = of(s);
    close_record(t);
    buffer_clear(&t->key);
    buffer_clear(&t->name);
    buffer_put(&t->key, r->key);
    buffer_put(&t->name, r->file);
    t->open = true;
    t->headed = false;
    t->table = NO_TABLE;
    return failure(t, e);
}

static void put_list_row(struct jsonl_tables *t, size_t at, const struct cell *cells)
{
    const struct layout_table *table = &t->layout->tables[at];
    bool first = true;
    if (!t->headed)
        put_bare_head(t);
    if (t->table == (int64_t)at) {
        block_output_text(&t->out, ",{");
    } else {
        block_output_text(&t->out, t->table == NO_TABLE ? ",\"tables\":{" : "],");
        json_string(&t->out, table->name, strlen(table->name));
        block_output_text(&t->out, ":[{");
        t->table = (int64_t)at;
    }
    for (size_t i = 0; i < table->column_count; i++)
        if (cells[i].kind != CELL_NONE && strcmp(table->columns[i].name, "_record") != 0)
            put_member(&t->out, &first, table->columns[i].name, &cells[i]);
    block_output_char(&t->out, '}');
}

static int row(struct table_sink *s, size_t at, const struct cell *cells, struct error *e)
{
    struct jsonl_tables *t = of(s);
    const struct layout_table *table = &t->layout->tables[at];
    REQUIRE(t->open);
    if (strcmp(table->name, "documents") == 0 && !t->headed)
        put_documents_row(t, table, cells);
    else
        put_list_row(t, at, cells);
    return failure(t, e);
}

static int end(struct table_sink *s, struct error *e)
{
    struct jsonl_tables *t = of(s);
    close_record(t);
    if (block_output_flush(&t->out, e) < 0)
        return failure(t, e);
    if (t->file)
        export_file_rows(t->file, t->records);
    else if (fflush(t->stream) != 0)
        return error_system(e, ERR_IO, errno, "%s: write", t->shown);
    return 0;
}

static void free_sink(struct table_sink *s)
{
    struct jsonl_tables *t = of(s);
    block_output_release(&t->out);
    buffer_release(&t->key);
    buffer_release(&t->name);
    free(t->shown);
    free(t);
}

static const struct table_sink_kind kind = {record, row, end, free_sink};

static int put_into_file(void *to, const void *data, size_t len, struct error *e)
{
    return export_file_write(to, data, len, e);
}

static struct jsonl_tables *tables_new(const struct layout *layout, block_output_put *put, void *to)
{
    struct jsonl_tables *t = xcalloc(1, sizeof *t);
    t->sink.kind = &kind;
    t->layout = layout;
    t->table = NO_TABLE;
    block_output_init(&t->out, BLOCK, put, to);
    buffer_init(&t->key, 0);
    buffer_init(&t->name, 0);
    return t;
}

struct table_sink *jsonl_tables_to_file(const struct layout *layout, struct export_file *file)
{
    struct jsonl_tables *t = tables_new(layout, put_into_file, file);
    t->file = file;
    return &t->sink;
}

struct table_sink *jsonl_tables_to_stream(const struct layout *layout, FILE *stream,
                                          const char *shown)
{
    struct jsonl_tables *t = tables_new(layout, block_output_to_stream, stream);
    t->stream = stream;
    t->shown = xstrdup(shown);
    return &t->sink;
}
