/* See export_flat.h. The record's row comes first (table_sink.h) and is kept: its texts stay where they are
 * until the next document, but for the program's own numbers, which the next row overwrites and which are
 * therefore copied. */
#include "export/export_flat.h"

#include "base/buffer.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_AT = 2 /* _first stands behind _record and _file */, OWN_TEXT_MAX = 128 };

struct export_flat {
    struct layout layout;
    struct layout_table table;
    struct layout_column *columns;
    char **names; /* of the list's columns */
    char *name;
    size_t list;             /* place in the layout it was made from */
    size_t documents, lines; /* columns of each */
    struct cell *cells;
    char (*own)[OWN_TEXT_MAX]; /* of the record's own cells */
    bool has_record, written;
    export_flat_write *write;
    void *ctx;
};

static int refuse(const struct layout *layout, const char *list, struct error *e)
{
    struct buffer known;
    buffer_init(&known, 0);
    for (size_t i = 1; i < layout->table_count && i < 20; i++)
        buffer_printf(&known, "%s%s", i > 1 ? ", " : "", text_show(layout->tables[i].name));
    int err = error_set(e, ERR_USAGE, "there is no list %s in these results%s%s", text_show(list),
                        known.len ? "; there are " : "", buffer_text(&known));
    buffer_release(&known);
    return err;
}

static char *joined(const char *a, const char *b, const char *c)
{
    struct buffer text;
    buffer_init(&text, 0);
    buffer_printf(&text, "%s%s%s", a, b, c);
    return buffer_detach(&text, NULL);
}

static void make_columns(struct export_flat *f, const struct layout_table *documents,
                         const struct layout_table *list)
{
    size_t at = 0;
    for (size_t i = 0; i < documents->column_count; i++) {
        if (i == FIRST_AT)
            f->columns[at++] = (struct layout_column){
                .name = "_first", .kind = COLUMN_NUMBER, .own = true, .integer = true, .width = 1};
        f->columns[at++] = documents->columns[i];
    }
    for (size_t i = 1; i < list->column_count; i++) { /* without its _record */
        f->names[i] = joined(list->name, ".", list->columns[i].name);
        f->columns[at] = list->columns[i];
        f->columns[at++].name = f->names[i];
    }
}

int export_flat_new(struct export_flat **out, const struct layout *layout, const char *list,
                    export_flat_write *write, void *ctx, struct error *e)
{
    size_t at = 1;
    *out = NULL;
    while (at < layout->table_count && strcmp(layout->tables[at].name, list) != 0)
        at++;
    if (at >= layout->table_count)
        return refuse(layout, list, e);
    const struct layout_table *documents = &layout->tables[0], *lines = &layout->tables[at];
    struct export_flat *f = xcalloc(1, sizeof *f);
    f->write = write;
    f->ctx = ctx;
    f->list = at;
    f->documents = documents->column_count;
    f->lines = lines->column_count;
    f->names = xcalloc(f->lines, sizeof *f->names);
    f->columns = xcalloc(f->documents + f->lines + 1, sizeof *f->columns);
    f->cells = xcalloc(f->documents + f->lines + 1, sizeof *f->cells);
    f->own = xcalloc(f->documents, sizeof *f->own);
    f->name = joined(list, "-", "flat");
    make_columns(f, documents, lines);
    f->table = (struct layout_table){f->name, f->columns, f->documents + f->lines};
    f->layout = (struct layout){&f->table, 1};
    *out = f;
    return 0;
}

void export_flat_free(struct export_flat *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->lines; i++)
        free(f->names[i]);
    free(f->names);
    free(f->columns);
    free(f->cells);
    free(f->own);
    free(f->name);
    free(f);
}

const struct layout *export_flat_layout(const struct export_flat *f)
{
    return &f->layout;
}

static void keep_record(struct export_flat *f, const struct cell *cells)
{
    memset(f->cells, 0, f->table.column_count * sizeof *f->cells);
    for (size_t i = 0; i < f->documents; i++) {
        struct cell *kept = &f->cells[i < FIRST_AT ? i : i + 1];
        *kept = cells[i];
        bool own = f->columns[i < FIRST_AT ? i : i + 1].own && cells[i].len < OWN_TEXT_MAX;
        if (own && cells[i].len) {
            memcpy(f->own[i], cells[i].text, cells[i].len);
            kept->text = f->own[i];
        }
    }
    f->has_record = true;
}

static int write_row(struct export_flat *f)
{
    f->cells[FIRST_AT] = (struct cell){CELL_NUMBER, f->written ? "0" : "1", 1};
    f->written = true;
    return f->write(f->ctx, f->cells);
}

int export_flat_row(struct export_flat *f, size_t table, const struct cell *cells)
{
    if (table == 0)
        keep_record(f, cells);
    if (table != f->list)
        return 0;
    for (size_t i = 1; i < f->lines; i++)
        f->cells[f->documents + i] = cells[i];
    return write_row(f);
}

int export_flat_end(struct export_flat *f)
{
    int rc = f->has_record && !f->written ? write_row(f) : 0;
    f->has_record = f->written = false;
    return rc;
}
