/* See flatten_fields.h.
 *
 * A row's cells stand one behind the other, so a list that is met on the way is only noted, and its rows are made
 * when the row around it is done: the notes are a queue, and lists in lists come after the lists they are in.
 * Going down into objects is a recursion, which the scan's depth bounds. A member whose name came before in its
 * object is found by its node, which knows the object that it was last met in. */
#include "tables/flatten_fields.h"

#include "base/array.h"
#include "tables/column_tree.h"

#include <string.h>

struct field {
    uint32_t value, items, fields, confidence, locations; /* 0: there is none */
};

enum field_form { FIELD_LIST, FIELD_OBJECT, FIELD_SIMPLE, FIELD_UNKNOWN };

static inline bool takes(struct flat_walk *w, uint32_t member, const char *name, uint32_t *slot)
{
    if (!json_tape_is(w->tape, member, name))
        return false;
    if (*slot)
        w->doc->repeated++;
    else
        *slot = member;
    return true;
}

static void read_members(struct flat_walk *w, uint32_t at, struct field *f)
{
    const struct tape_value *values = w->tape->values;
    for (uint32_t i = at + 1; i < values[at].next; i = values[i].next)
        if (!takes(w, i, "value", &f->value) && !takes(w, i, "confidence", &f->confidence) &&
            !takes(w, i, "locations", &f->locations) && !takes(w, i, "fields", &f->fields))
            (void)takes(w, i, "items", &f->items);
}

static enum field_form read_field(struct flat_walk *w, uint32_t at, struct field *f)
{
    const struct json_tape *t = w->tape;
    *f = (struct field){0};
    if (json_tape_kind(t, at) != JSON_OBJECT)
        return FIELD_UNKNOWN;
    read_members(w, at, f);
    if (f->items && json_tape_kind(t, f->items) == JSON_ARRAY)
        return FIELD_LIST;
    if (f->fields && json_tape_kind(t, f->fields) == JSON_OBJECT)
        return FIELD_OBJECT;
    return f->value && json_tape_kind(t, f->value) < JSON_ARRAY ? FIELD_SIMPLE : FIELD_UNKNOWN;
}

/* Low is 0; what isn't known is below. */
static int confidence_rank(const char *word, size_t len)
{
    static const char *const words[] = {"Low", "Medium", "High", "Certain"};
    for (int i = 0; i < (int)(sizeof words / sizeof *words); i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return i;
    return -1;
}

static void note_confidence(struct flat_walk *w, uint32_t at, struct flat_cell *cell)
{
    if (!at || json_tape_kind(w->tape, at) != JSON_STRING)
        return;
    struct cell word = flat_value(w, at);
    cell->confidence = word.text;
    cell->confidence_len = (uint32_t)word.len;
    if (cell->value.kind == CELL_NULL || !word.len)
        return;
    int rank = confidence_rank(word.text, word.len);
    struct flat_record *record = &w->doc->records[w->record];
    if (record->lowest_confidence.kind != CELL_NONE && rank >= w->lowest)
        return;
    w->lowest = rank;
    record->lowest_confidence = word;
    w->lowest_cell = (uint32_t)(cell - w->doc->cells);
    w->lowest_row = (uint32_t)w->doc->row_count - 1;
}

static int page_of(const struct flat_walk *w, uint32_t locations)
{
    const struct json_tape *t = w->tape;
    uint32_t first = locations + 1;
    if (!locations || json_tape_kind(t, locations) != JSON_ARRAY ||
        first == t->values[locations].next)
        return 0;
    return json_tape_count(t, json_tape_member(t, first, "page")) + 1;
}

static void note_locations(const struct flat_walk *w, uint32_t at, struct flat_cell *cell)
{
    if (!at || json_tape_kind(w->tape, at) != JSON_ARRAY)
        return;
    cell->locations = json_tape_text(w->tape, at);
    cell->locations_len = w->tape->values[at].len;
}

/* The value of a field that isn't a list or an object, in the column of NODE. */
static int put_value(struct flat_walk *w, uint32_t at, enum field_form form, const struct field *f,
                     uint32_t node, bool item)
{
    struct flat_cell *cell;
    struct cell value = form == FIELD_SIMPLE ? flat_value(w, f->value) : flat_json(w, at);
    w->doc->unknown_forms += form == FIELD_UNKNOWN;
    int r = flat_cell_put(w, node, value, &cell);
    if (r < 0)
        return r;
    cell->item = item;
    if (form == FIELD_SIMPLE) {
        cell->page = page_of(w, f->locations);
        note_locations(w, f->locations, cell);
        note_confidence(w, f->confidence, cell);
    }
    return 0;
}

/* The bytes that the items' values take when they are joined; 0: there are none, or others than simple ones. */
static size_t joined_room(struct flat_walk *w, uint32_t items)
{
    const struct tape_value *values = w->tape->values;
    int64_t repeated = w->doc->repeated;
    size_t room = 0;
    for (uint32_t i = items + 1; i < values[items].next; i = values[i].next) {
        struct field f;
        if (read_field(w, i, &f) != FIELD_SIMPLE) {
            room = 0;
            break;
        }
        room += values[f.value].len + 2;
    }
    w->doc->repeated = repeated; /* counted when the rows are made */
    return room;
}

static struct cell join(struct flat_walk *w, uint32_t items, size_t room)
{
    const struct tape_value *values = w->tape->values;
    int64_t mended = w->doc->mended_texts, repeated = w->doc->repeated;
    char *text = flat_take(w, room, 1), *to = text;
    bool any = false;
    for (uint32_t i = items + 1; i < values[items].next; i = values[i].next) {
        struct field f;
        if (read_field(w, i, &f) != FIELD_SIMPLE || values[f.value].kind == JSON_NULL)
            continue;
        if (any) {
            *to++ = ';';
            *to++ = ' ';
        }
        any = true;
        const char *raw = json_tape_text(w->tape, f.value);
        to += json_decode(raw, values[f.value].len, to, &w->doc->mended_texts);
    }
    w->doc->mended_texts = mended;
    w->doc->repeated = repeated;
    return (struct cell){any ? CELL_TEXT : CELL_NULL, text, (size_t)(to - text)};
}

/* The list at NODE: its values in a cell here, where they are simple; its rows later. */
static int put_list(struct flat_walk *w, uint32_t items, uint32_t node, bool item)
{
    struct flat_memory *m = w->m;
    struct pending_list list = {.items = items, .row = (uint32_t)w->doc->row_count - 1};
    if (column_tree_list(w->columns, node, &list.table) < 0)
        return flat_too_many(w);
    list.node = node;
    ARRAY_RESERVE(m->lists, m->list_capacity, m->list_count + 1);
    m->lists[m->list_count++] = list;
    size_t room = item ? 0 : joined_room(w, items);
    if (!room)
        return 0;
    struct flat_cell *cell;
    int r = flat_cell_put(w, node, join(w, items, room), &cell);
    if (r == 0)
        cell->joined = true;
    return r;
}

static int put_members(struct flat_walk *w, uint32_t object, uint32_t node);

static int put_field(struct flat_walk *w, uint32_t at, uint32_t node)
{
    struct field f;
    enum field_form form = read_field(w, at, &f);
    if (form == FIELD_LIST)
        return put_list(w, f.items, node, false);
    if (form == FIELD_OBJECT)
        return put_members(w, f.fields, node);
    return put_value(w, at, form, &f, node, false);
}

/* The node of the member AT of the object at PARENT. */
static int find_node(struct flat_walk *w, uint32_t at, uint32_t parent, uint32_t before,
                     uint32_t *node)
{
    const struct tape_value *v = &w->tape->values[at];
    const char *name = w->tape->json + v->key;
    size_t len = v->key_len;
    if (v->key_escaped) {
        char *room = flat_take(w, len, 1);
        len = json_decode(name, len, room, &w->doc->mended_texts);
        name = room;
    }
    int r = column_tree_child(w->columns, parent, name, len, before, node);
    return r < 0 ? flat_too_many(w) : 0;
}

/* A map of names to fields. */
static int put_members(struct flat_walk *w, uint32_t object, uint32_t parent)
{
    const struct tape_value *values = w->tape->values;
    uint64_t number = column_tree_object(w->columns);
    uint32_t node = COLUMN_TREE_FIRST;
    for (uint32_t i = object + 1; i < values[object].next; i = values[i].next) {
        int r = find_node(w, i, parent, node, &node);
        if (r == 0 && !column_tree_meet(w->columns, node, number))
            w->doc->repeated++;
        else if (r == 0)
            r = put_field(w, i, node);
        if (r < 0)
            return r;
    }
    return 0;
}

static int put_item(struct flat_walk *w, uint32_t at, uint32_t root)
{
    static const char name[] = "value";
    struct field f;
    enum field_form form = read_field(w, at, &f);
    uint32_t node;
    if (form == FIELD_LIST)
        return put_list(w, f.items, root, true);
    if (form == FIELD_OBJECT)
        return put_members(w, f.fields, root);
    if (column_tree_child(w->columns, root, name, sizeof name - 1, COLUMN_TREE_FIRST, &node) < 0)
        return flat_too_many(w);
    return put_value(w, at, form, &f, node, true);
}

static int put_rows(struct flat_walk *w, struct pending_list list)
{
    const struct tape_value *values = w->tape->values;
    const struct row_origin origin = {list.row, list.node};
    uint32_t root;
    int64_t n = 0;
    if (column_tree_root(w->columns, list.table, &root) < 0)
        return flat_too_many(w);
    for (uint32_t i = list.items + 1; i < values[list.items].next; i = values[i].next) {
        flat_row_begin(w, list.table, ++n, origin);
        int r = put_item(w, i, root);
        if (r < 0)
            return r;
        flat_row_end(w);
    }
    return 0;
}

/* Appends where ROW stands: "line_items[2].parts[1]"; nothing for the row in documents. */
static int row_path(struct flat_walk *w, uint32_t row)
{
    struct row_origin origin = w->m->origins[row];
    if (origin.row == FLAT_NO_ROW)
        return 0;
    int r = row_path(w, origin.row);
    if (r == 0 && w->m->path.len && !column_tree_is_root(w->columns, origin.node))
        r = buffer_append(&w->m->path, ".", 1);
    if (r == 0)
        r = column_tree_path(w->columns, origin.node, &w->m->path);
    if (r == 0)
        buffer_printf(&w->m->path, "[%lld]", (long long)w->doc->rows[row].n);
    return r;
}

static int name_lowest(struct flat_walk *w)
{
    struct flat_record *record = &w->doc->records[w->record];
    struct buffer *path = &w->m->path;
    if (record->lowest_confidence.kind == CELL_NONE)
        return 0;
    const struct flat_cell *cell = &w->doc->cells[w->lowest_cell];
    const char *name = columns_get(w->columns, cell->column)->name;
    buffer_clear(path);
    int r = row_path(w, w->lowest_row);
    if (r == 0 && !cell->item) {
        r = path->len ? buffer_append(path, ".", 1) : 0;
        if (r == 0)
            r = buffer_append(path, name, strlen(name));
    }
    if (r < 0)
        return flat_too_many(w);
    char *text = flat_take(w, path->len + 1, 1);
    memcpy(text, buffer_text(path), path->len + 1);
    record->lowest_field = text;
    return 0;
}

int flatten_fields(struct flat_walk *w, uint32_t fields)
{
    uint32_t root;
    w->m->list_count = 0;
    if (column_tree_root(w->columns, 0, &root) < 0)
        return flat_too_many(w);
    flat_row_begin(w, 0, 0, (struct row_origin){FLAT_NO_ROW, 0});
    int r = put_members(w, fields, root);
    flat_row_end(w);
    for (size_t i = 0; i < w->m->list_count && r == 0; i++)
        r = put_rows(w, w->m->lists[i]);
    return r < 0 ? r : name_lowest(w);
}
