/* See flat_walk.h. All memory here is bounded by the result's length, which somebody else bounds: running out
 * of it ends the process. */
#include "tables/flat_walk.h"

#include "base/array.h"
#include "tables/column_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void *flat_take(struct flat_walk *w, size_t len, size_t align)
{
    void *room = byte_store_take(&w->m->bytes, len, align);
    REQUIRE(room != NULL);
    return room;
}

int flat_too_many(struct flat_walk *w)
{
    return error_set(w->e, ERR_LIMIT,
                     "with this result there are more columns than an export has room for "
                     "(%d, with names of %d bytes)",
                     COLUMNS_MAX, COLUMN_NAME_MAX);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* LEN bytes of JSON into OUT, which may be NULL, without the blanks between its parts. Returns the length. */
static size_t squeeze(const char *json, size_t len, char *out)
{
    size_t kept = 0;
    bool inside = false;
    for (size_t i = 0; i < len; i++) {
        if (!inside && is_blank(json[i]))
            continue;
        if (inside && json[i] == '\\') {
            if (out)
                out[kept] = json[i];
            kept++;
            i++;
        } else if (json[i] == '"') {
            inside = !inside;
        }
        if (out)
            out[kept] = json[i];
        kept++;
    }
    return kept;
}

struct cell flat_json(struct flat_walk *w, uint32_t at)
{
    size_t quote = json_tape_kind(w->tape, at) == JSON_STRING;
    const char *json = json_tape_text(w->tape, at) - quote;
    size_t len = w->tape->values[at].len + 2 * quote;
    size_t kept = squeeze(json, len, NULL);
    struct cell cell = {CELL_JSON, json, len};
    if (kept == len)
        return cell;
    char *room = flat_take(w, kept, 1);
    cell.len = squeeze(json, len, room);
    cell.text = room;
    return cell;
}

struct cell flat_value(struct flat_walk *w, uint32_t at)
{
    const struct tape_value *v = &w->tape->values[at];
    const char *text = w->tape->json + v->text;
    switch ((enum json_kind)v->kind) {
    case JSON_STRING:
        break;
    case JSON_NUMBER:
        return (struct cell){CELL_NUMBER, text, v->len};
    case JSON_BOOLEAN:
        return (struct cell){CELL_BOOLEAN, text, v->len};
    case JSON_ARRAY:
    case JSON_OBJECT:
        return flat_json(w, at);
    default:
        return (struct cell){CELL_NULL, NULL, 0};
    }
    if (!v->escaped)
        return (struct cell){CELL_TEXT, text, v->len};
    char *room = flat_take(w, v->len, 1);
    size_t len = json_decode(text, v->len, room, &w->doc->mended_texts);
    return (struct cell){CELL_TEXT, room, len};
}

struct cell flat_number(struct flat_walk *w, int64_t number)
{
    enum { ROOM = 24 };
    char *room = flat_take(w, ROOM, 1);
    int len = snprintf(room, ROOM, "%" PRId64, number);
    return (struct cell){CELL_NUMBER, room, (size_t)len};
}

/* The places of the items around a row of a list in PARENT; those of its neighbours are the same. */
static void set_up(struct flat_walk *w, struct flat_row *row, uint32_t parent)
{
    const struct flat_row *around = &w->doc->rows[parent], *before = row - 1;
    row->up = NULL;
    row->up_count = around->n ? around->up_count + 1 : 0;
    if (!row->up_count)
        return;
    if (w->m->origins[w->doc->row_count - 1].row == parent) {
        row->up = before->up;
        return;
    }
    int64_t *up = flat_take(w, row->up_count * sizeof *up, sizeof *up);
    up[0] = around->n;
    if (around->up_count)
        memcpy(up + 1, around->up, around->up_count * sizeof *up);
    row->up = up;
}

uint32_t flat_row_begin(struct flat_walk *w, uint32_t table, int64_t n, struct row_origin origin)
{
    struct flat_document *doc = w->doc;
    struct flat_memory *m = w->m;
    REQUIRE(doc->row_count < FLAT_NO_ROW);
    ARRAY_RESERVE(doc->rows, m->row_capacity, doc->row_count + 1);
    ARRAY_RESERVE(m->origins, m->origin_capacity, doc->row_count + 1);
    struct flat_row *row = &doc->rows[doc->row_count];
    *row = (struct flat_row){
        .table = table, .extracted = FLAT_NO_RECORD, .n = n, .cells = doc->cell_count};
    if (origin.row != FLAT_NO_ROW)
        set_up(w, row, origin.row);
    m->origins[doc->row_count] = origin;
    return (uint32_t)doc->row_count++;
}

void flat_row_end(struct flat_walk *w)
{
    struct flat_row *row = &w->doc->rows[w->doc->row_count - 1];
    row->cell_count = w->doc->cell_count - row->cells;
}

int flat_cell_put(struct flat_walk *w, uint32_t node, struct cell value, struct flat_cell **cell)
{
    struct flat_document *doc = w->doc;
    uint32_t column;
    if (column_tree_column(w->columns, node, &column) < 0)
        return flat_too_many(w);
    ARRAY_RESERVE(doc->cells, w->m->cell_capacity, doc->cell_count + 1);
    *cell = &doc->cells[doc->cell_count++];
    **cell = (struct flat_cell){.column = column, .value = value};
    return 0;
}
