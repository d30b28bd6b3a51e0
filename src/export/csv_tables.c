/* See csv_tables.h. Each table has a writer with a block of its own; together they have a bounded
 * memory, so with many tables the blocks are small. Write errors stick to their block and are looked
 * at after each row. */
#include "export/csv_tables.h"

#include "base/name_cut.h"
#include "base/text.h"
#include "export/distinct_names.h"
#include "format/csv.h"
#include "format/plain_number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    BLOCKS_BYTES = 1024 * 1024, /* of all tables */
    BLOCK_MOST = 64 * 1024,
    BLOCK_LEAST = 1024,
    NAME_MOST = 200, /* bytes of a file's name */
};

struct csv_table {
    bool written;
    struct csv_writer writer;
    struct export_file *file; /* NULL: a stream */
    int64_t rows;
};

struct csv_tables {
    struct table_sink sink;
    const struct layout *layout;
    struct left_out_notes *notes;
    struct csv_table *tables; /* one for each of the layout's */
    struct buffer number;     /* the plain form of one */
    FILE *stream;
    char *shown; /* the stream */
};

static struct csv_tables *of(struct table_sink *s)
{
    return (struct csv_tables *)(void *)s; /* its first member */
}

static void put_cell(struct csv_tables *t, struct csv_writer *w, const struct layout_column *column,
                     const struct cell *c)
{
    char date[CSV_DATE_LEN];
    struct cell plain;
    switch (c->kind) {
    case CELL_NONE:
    case CELL_NULL:
        csv_word(w, "", 0);
        break;
    case CELL_NUMBER:
        plain = plain_number(&t->number, c);
        csv_number(w, plain.text, plain.len);
        break;
    case CELL_BOOLEAN:
        csv_word(w, c->text, c->len);
        break;
    case CELL_TEXT:
        if (column->kind == COLUMN_DATE && csv_date(w->profile.dates, c->text, c->len, date)) {
            csv_word(w, date, sizeof date);
            break;
        }
        csv_text(w, c->text, c->len);
        break;
    case CELL_JSON:
        csv_text(w, c->text, c->len);
        break;
    }
}

static int error_of(const struct csv_tables *t, const struct csv_table *table, struct error *e)
{
    *e = table->writer.out.error;
    return table->file ? e->code : error_wrap(e, "%s", t->shown);
}

static int record(struct table_sink *s, const struct table_record *r, struct error *e)
{
    (void)s;
    (void)r;
    (void)e;
    return 0;
}

static int row(struct table_sink *s, size_t at, const struct cell *cells, struct error *e)
{
    struct csv_tables *t = of(s);
    struct csv_table *table = &t->tables[at];
    const struct layout_table *layout = &t->layout->tables[at];
    if (!table->written)
        return 0;
    for (size_t i = 0; i < layout->column_count; i++)
        put_cell(t, &table->writer, &layout->columns[i], &cells[i]);
    csv_end_row(&table->writer);
    table->rows++;
    return block_output_failed(&table->writer.out) ? error_of(t, table, e) : 0;
}

static int end(struct table_sink *s, struct error *e)
{
    struct csv_tables *t = of(s);
    int64_t nuls = 0;
    for (size_t i = 0; i < t->layout->table_count; i++) {
        struct csv_table *table = &t->tables[i];
        if (!table->written)
            continue;
        if (csv_flush(&table->writer, e) < 0)
            return error_of(t, table, e);
        if (table->file)
            export_file_rows(table->file, table->rows);
        nuls += table->writer.nuls;
    }
    if (t->stream && fflush(t->stream) != 0)
        return error_system(e, ERR_IO, errno, "%s: write", t->shown);
    if (nuls)
        left_out_note(t->notes,
                      "%" PRId64 " text%s a NUL character, for which CSV has no room; U+FFFD "
                      "stands in its place",
                      nuls, nuls == 1 ? " holds" : "s hold");
    return 0;
}

static void free_sink(struct table_sink *s)
{
    struct csv_tables *t = of(s);
    for (size_t i = 0; i < t->layout->table_count; i++)
        csv_release(&t->tables[i].writer);
    buffer_release(&t->number);
    free(t->tables);
    free(t->shown);
    free(t);
}

static const struct table_sink_kind kind = {record, row, end, free_sink};

static struct csv_tables *tables_new(const struct layout *layout, struct left_out_notes *notes)
{
    struct csv_tables *t = xcalloc(1, sizeof *t);
    t->sink.kind = &kind;
    t->layout = layout;
    t->notes = notes;
    t->tables = xcalloc(layout->table_count ? layout->table_count : 1, sizeof *t->tables);
    buffer_init(&t->number, 0);
    return t;
}

static void begin(struct csv_tables *t, size_t at, const struct csv_profile *profile, size_t bytes,
                  block_output_put *put, void *to)
{
    const struct layout_table *layout = &t->layout->tables[at];
    struct csv_writer *w = &t->tables[at].writer;
    t->tables[at].written = true;
    csv_begin(w, profile, bytes, put, to);
    for (size_t i = 0; i < layout->column_count; i++)
        csv_text(w, layout->columns[i].name, strlen(layout->columns[i].name));
    csv_end_row(w);
}

static int put_into_file(void *to, const void *data, size_t len, struct error *e)
{
    return export_file_write(to, data, len, e);
}

/* As it may stand on any disk that people use. */
static char *file_name(const char *table, const char *suffix)
{
    struct buffer stem, name;
    buffer_init(&stem, 0);
    buffer_init(&name, 0);
    for (const char *p = table; *p; p++) {
        bool refused = strchr("/\\:*?\"<>|", *p) || (p == table && *p == '.');
        if (refused)
            buffer_printf(&stem, "%%%02X", (unsigned)(unsigned char)*p);
        else
            buffer_printf(&stem, "%c", *p);
    }
    buffer_put(&stem, suffix);
    name_cut(&name, buffer_text(&stem), NAME_MOST, ".csv");
    buffer_release(&stem);
    return buffer_detach(&name, NULL);
}

static void without_ending(char *name)
{
    name[strlen(name) - strlen(".csv")] = '\0';
}

/* ~2 stands before the ending. */
static char **file_names(const struct layout *layout, size_t count, const char *suffix)
{
    char **names = xcalloc(count ? count : 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = file_name(layout->tables[i].name, suffix);
        without_ending(names[i]);
    }
    distinct_names(names, count);
    return names;
}

static int open_files(struct csv_tables *t, const struct csv_profile *profile,
                      struct export_files *files, char *const *names, size_t count, size_t bytes,
                      struct error *e)
{
    int rc = 0;
    struct buffer name;
    buffer_init(&name, 0);
    for (size_t i = 0; i < count && rc == 0; i++) {
        buffer_clear(&name);
        buffer_printf(&name, "%s.csv", names[i]);
        rc = export_files_add(files, buffer_text(&name), t->layout->tables[i].name,
                              &t->tables[i].file, e);
        if (rc == 0)
            begin(t, i, profile, bytes, put_into_file, t->tables[i].file);
    }
    buffer_release(&name);
    return rc;
}

int csv_tables_new(struct table_sink **out, const struct layout *layout,
                   const struct csv_profile *profile, struct export_files *files,
                   const char *suffix, struct left_out_notes *notes, struct error *e)
{
    struct csv_tables *t = tables_new(layout, notes);
    size_t count = layout->table_count < CSV_TABLES_MOST ? layout->table_count : CSV_TABLES_MOST;
    size_t bytes = BLOCKS_BYTES / (count ? count : 1);
    bytes = bytes < BLOCK_LEAST ? BLOCK_LEAST : bytes > BLOCK_MOST ? BLOCK_MOST : bytes;
    char **names = file_names(layout, count, suffix);
    int rc = open_files(t, profile, files, names, count, bytes, e);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    if (rc == 0 && count < layout->table_count)
        left_out_note(notes, "%zu tables have no CSV file, from %s on: an export has at most %d",
                      layout->table_count - count, text_show(layout->tables[count].name),
                      CSV_TABLES_MOST);
    if (rc < 0)
        free_sink(&t->sink);
    *out = rc < 0 ? NULL : &t->sink;
    return rc;
}

struct table_sink *csv_table_to_file(const struct layout *layout, size_t table,
                                     const struct csv_profile *profile, struct export_file *file,
                                     struct left_out_notes *notes)
{
    struct csv_tables *t = tables_new(layout, notes);
    t->tables[table].file = file;
    begin(t, table, profile, BLOCK_MOST, put_into_file, file);
    return &t->sink;
}

struct table_sink *csv_table_to_stream(const struct layout *layout, size_t table,
                                       const struct csv_profile *profile, FILE *stream,
                                       const char *shown, struct left_out_notes *notes)
{
    struct csv_tables *t = tables_new(layout, notes);
    t->stream = stream;
    t->shown = xstrdup(shown);
    begin(t, table, profile, BLOCK_MOST, block_output_to_stream, stream);
    return &t->sink;
}
