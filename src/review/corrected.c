/* See corrected.h. Rows and cells are copied with the changes in them: only documents that somebody corrected pay for
 * it. Rows that were taken away take the rows of lists in them along. */
#include "review/corrected.h"

#include "base/array.h"

#include <string.h>

struct edit {
    struct value_place place;
    const struct correction *correction;
};

struct editing {
    struct corrected *out;
    const struct columns *columns;
    const struct flat_document *from;
    struct edit *edits;
    size_t count;
};

static bool is_row(const char *path)
{
    return *path && path[strlen(path) - 1] == ']';
}

static struct flat_cell cell_of(const struct edit *edit)
{
    const struct correction *c = edit->correction;
    return (struct flat_cell){
        .column = edit->place.column,
        .item = is_row(c->path),
        .value = c->kind == CORRECTION_SET ? (struct cell){c->type, c->value, strlen(c->value)}
                                           : (struct cell){CELL_NULL, NULL, 0},
    };
}

static void add_cell(struct corrected *c, const struct flat_cell *cell)
{
    ARRAY_RESERVE(c->doc.cells, c->cell_capacity, c->doc.cell_count + 1);
    c->doc.cells[c->doc.cell_count++] = *cell;
}

static struct flat_row *add_row(struct corrected *c, const struct flat_row *row)
{
    ARRAY_RESERVE(c->doc.rows, c->row_capacity, c->doc.row_count + 1);
    c->doc.rows[c->doc.row_count] = *row;
    c->doc.rows[c->doc.row_count].cells = c->doc.cell_count;
    return &c->doc.rows[c->doc.row_count++];
}

static bool is_edit_of(const struct edit *edit, const struct flat_row *row)
{
    return edit->correction->kind <= CORRECTION_CLEAR && edit->place.has_column &&
           value_place_is_row(&edit->place, row);
}

/* The row of PLACE, or one of a list in it. */
static bool lies_in(const struct editing *k, const struct value_place *place,
                    const struct flat_row *row)
{
    if (value_place_is_row(place, row))
        return true;
    const char *outer = columns_table(k->columns, place->table)->name;
    const char *inner = columns_table(k->columns, row->table)->name;
    size_t len = strlen(outer);
    return row->up_count > place->up_count && strncmp(inner, outer, len) == 0 &&
           inner[len] == '.' && row->up[row->up_count - 1 - place->up_count] == place->n;
}

static bool is_removed(const struct editing *k, const struct flat_row *row)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->edits[i].correction->kind == CORRECTION_REMOVE &&
            lies_in(k, &k->edits[i].place, row))
            return true;
    return false;
}

/* ROW with its cells, those that somebody corrected as they are now. */
static void copy_row(struct editing *k, const struct flat_row *row)
{
    size_t at = (size_t)(add_row(k->out, row) - k->out->doc.rows);
    for (size_t i = 0; i < row->cell_count; i++)
        add_cell(k->out, &k->from->cells[row->cells + i]);
    for (size_t e = 0; e < k->count; e++) {
        if (!is_edit_of(&k->edits[e], row))
            continue;
        struct flat_cell cell = cell_of(&k->edits[e]);
        struct flat_row *to = &k->out->doc.rows[at];
        size_t i = 0;
        while (i < to->cell_count && k->out->doc.cells[to->cells + i].column != cell.column)
            i++;
        if (i < to->cell_count) {
            cell.item = k->out->doc.cells[to->cells + i].item;
            cell.page = k->out->doc.cells[to->cells + i].page;
            cell.locations = k->out->doc.cells[to->cells + i].locations;
            cell.locations_len = k->out->doc.cells[to->cells + i].locations_len;
            k->out->doc.cells[to->cells + i] = cell;
        } else {
            add_cell(k->out, &cell);
            to->cell_count++;
        }
    }
}

static bool has_row(const struct editing *k, const struct value_place *place, size_t from)
{
    for (size_t i = from; i < k->out->doc.row_count; i++)
        if (value_place_is_row(place, &k->out->doc.rows[i]))
            return true;
    return false;
}

/* Rows that are behind those that Mindee read; FROM is the record's first. Of a list of simple values it is the value
 * that is kept, once it has one. */
static void add_new_rows(struct editing *k, size_t from)
{
    for (size_t i = 0; i < k->count; i++) {
        const struct edit *edit = &k->edits[i];
        const struct value_place *p = &edit->place;
        const struct flat_row row = {.table = p->table, .n = p->n, .extracted = FLAT_NO_RECORD};
        bool is_value = edit->correction->kind == CORRECTION_SET && !*edit->correction->was &&
                        p->n && p->up_count == 0 && is_row(edit->correction->path);
        if (edit->correction->kind == CORRECTION_ADD || (is_value && !has_row(k, p, from)))
            copy_row(k, &row);
    }
}

/* --- lists of simple values, which are joined in the row around them --- */

static bool touches(const struct editing *k, uint32_t table)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->edits[i].place.table == table)
            return true;
    return false;
}

/* The values of the rows of TABLE from row FROM on, as they are joined. */
static void join(struct corrected *c, uint32_t table, size_t from)
{
    const char *between = "";
    for (size_t r = from; r < c->doc.row_count; r++) {
        const struct flat_row *row = &c->doc.rows[r];
        for (size_t i = 0; row->table == table && i < row->cell_count; i++) {
            const struct cell *v = &c->doc.cells[row->cells + i].value;
            if (v->kind == CELL_NONE || v->kind == CELL_NULL)
                continue;
            buffer_put(&c->joined, between);
            REQUIRE(buffer_append(&c->joined, v->text, v->len) == 0);
            between = "; ";
        }
    }
}

static void join_again(struct editing *k, size_t from)
{
    struct corrected *c = k->out;
    if (from >= c->doc.row_count)
        return;
    const struct flat_row *own = &c->doc.rows[from];
    for (size_t i = own->cells; i < own->cells + own->cell_count; i++) {
        struct flat_cell *cell = &c->doc.cells[i];
        const char *name = columns_get(k->columns, cell->column)->name;
        for (uint32_t t = 1; cell->joined && t < columns_table_count(k->columns); t++) {
            if (strcmp(columns_table(k->columns, t)->name, name) != 0 || !touches(k, t))
                continue;
            size_t begin = c->joined.len;
            join(c, t, from);
            cell->value = (struct cell){CELL_TEXT, NULL, c->joined.len - begin};
            cell->page = (int)begin; /* until all are joined: the buffer may move */
        }
    }
    for (size_t i = own->cells; i < own->cells + own->cell_count; i++) {
        struct flat_cell *cell = &c->doc.cells[i];
        if (!cell->joined || cell->value.kind != CELL_TEXT || cell->value.text)
            continue;
        cell->value.text = buffer_text(&c->joined) + cell->page;
        cell->page = 0;
    }
}

static void copy_record(struct editing *k, struct flat_record *record, bool edited)
{
    size_t from = k->out->doc.row_count;
    for (size_t i = 0; i < record->row_count; i++) {
        const struct flat_row *row = &k->from->rows[record->rows + i];
        if (edited && is_removed(k, row))
            continue;
        if (edited) {
            copy_row(k, row);
        } else {
            add_row(k->out, row);
            for (size_t n = 0; n < row->cell_count; n++)
                add_cell(k->out, &k->from->cells[row->cells + n]);
        }
    }
    if (edited) {
        add_new_rows(k, from);
        join_again(k, from);
    }
    record->rows = from;
    record->row_count = k->out->doc.row_count - from;
}

static void find_edits(struct editing *k, const struct corrections *list)
{
    k->count = 0;
    k->edits = realloc(k->edits, (list->count + 1) * sizeof *k->edits);
    REQUIRE(k->edits != NULL);
    for (size_t i = 0; i < list->count; i++)
        if (value_place_look(&k->edits[k->count].place, k->columns, list->items[i].path))
            k->edits[k->count++].correction = &list->items[i];
}

const struct flat_document *corrected_make(struct corrected *c, const struct columns *columns,
                                           const struct flat_document *doc,
                                           const struct corrections *lists)
{
    struct editing k = {.out = c, .columns = columns, .from = doc};
    bool any = false;
    for (size_t i = 0; i < doc->record_count; i++)
        any = any || lists[i].count;
    if (!any)
        return doc;
    c->doc.row_count = c->doc.cell_count = 0;
    buffer_clear(&c->joined);
    ARRAY_RESERVE(c->doc.records, c->record_capacity, doc->record_count);
    memcpy(c->doc.records, doc->records, doc->record_count * sizeof *doc->records);
    c->doc.record_count = doc->record_count;
    for (size_t i = 0; i < doc->record_count; i++) {
        find_edits(&k, &lists[i]);
        copy_record(&k, &c->doc.records[i], lists[i].count > 0);
    }
    free(k.edits);
    return &c->doc;
}

void corrected_release(struct corrected *c)
{
    free(c->doc.records);
    free(c->doc.rows);
    free(c->doc.cells);
    buffer_release(&c->joined);
    *c = (struct corrected){0};
}
