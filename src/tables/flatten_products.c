/* See flatten_products.h. Tables have all their columns from the first row on, filled or not. */
#include "tables/flatten_products.h"

#include "base/array.h"
#include "base/decimal.h"
#include "tables/column_names.h"
#include "tables/column_tree.h"

#include <stdio.h>
#include <string.h>

enum { OWN_MAX = 8, BOX = 4 };

/* A table of ours, its columns in their order. */
struct own_table {
    const char *name;
    int levels;
    const char *columns[OWN_MAX]; /* up to a NULL */
};

static const struct own_table splits = {"splits", 1, {"first_page", "last_page", "document_type"}};
static const struct own_table crops = {
    "crops", 1, {"page", "object_type", "left", "top", "right", "bottom", "polygon"}};
static const struct own_table classifications = {"classifications", 1, {"document_type"}};
static const struct own_table pages = {"pages", 1, {"page", "words", "content"}};
static const struct own_table words = {TABLE_WORDS, 2, {"page", "content", "polygon"}};

struct own {
    const struct own_table *kind;
    uint32_t table;
    uint32_t nodes[OWN_MAX];
};

static int open_table(struct flat_walk *w, const struct own_table *kind, struct own *own)
{
    uint32_t root, before = COLUMN_TREE_FIRST, column;
    own->kind = kind;
    int r = columns_put_table(w->columns, kind->name, kind->levels, &own->table);
    if (r == 0)
        r = column_tree_root(w->columns, own->table, &root);
    for (size_t i = 0; kind->columns[i] && r == 0; i++) {
        const char *name = kind->columns[i];
        r = column_tree_child(w->columns, root, name, strlen(name), before, &own->nodes[i]);
        before = own->nodes[i];
        if (r == 0)
            r = column_tree_column(w->columns, own->nodes[i], &column);
    }
    return r < 0 ? flat_too_many(w) : 0;
}

/* A row with a cell for each of the table's columns. */
static int put_row(struct flat_walk *w, const struct own *own, int64_t n, uint32_t around,
                   const struct cell *cells, uint32_t *row)
{
    struct flat_cell *cell;
    *row = flat_row_begin(w, own->table, n, (struct row_origin){around, 0});
    for (size_t i = 0; own->kind->columns[i]; i++)
        if (flat_cell_put(w, own->nodes[i], cells[i], &cell) < 0)
            return flat_too_many(w);
    flat_row_end(w);
    return 0;
}

static struct cell value_of(struct flat_walk *w, uint32_t at)
{
    return at ? flat_value(w, at) : (struct cell){0};
}

static struct cell member(struct flat_walk *w, uint32_t at, const char *name)
{
    return value_of(w, json_tape_member(w->tape, at, name));
}

/* A page as it is counted by people: from 1. */
static struct cell page_cell(struct flat_walk *w, int page)
{
    return page > 0 ? flat_number(w, page) : (struct cell){0};
}

uint32_t flat_record_add(struct flat_walk *w, uint32_t at)
{
    struct flat_document *doc = w->doc;
    struct flat_memory *m = w->m;
    ARRAY_RESERVE(doc->records, m->record_capacity, doc->record_count + 1);
    ARRAY_RESERVE(m->inferences, m->inference_capacity, doc->record_count + 1);
    doc->records[doc->record_count] = (struct flat_record){0};
    m->inferences[doc->record_count] = at;
    return (uint32_t)doc->record_count++;
}

/* The inference in a part that was extracted; 0: it wasn't. */
static uint32_t extraction(struct flat_walk *w, uint32_t part)
{
    uint32_t response = json_tape_find(w->tape, part, "extraction_response", JSON_OBJECT);
    uint32_t inference = response ? json_tape_find(w->tape, response, "inference", JSON_OBJECT) : 0;
    return inference && json_tape_find(w->tape, inference, "result", JSON_OBJECT) ? inference : 0;
}

/* Makes a record of part N, if it was extracted. Its suffix is /N; a result with parts of several kinds, which no
 * product has, would have it twice: the second kind's says which it is. */
static int add_part(struct flat_walk *w, uint32_t at, int64_t n, struct flat_record known,
                    enum flat_part *first, uint32_t *number)
{
    static const char *const letters[] = {"", "split", "crop", "classification"};
    uint32_t inference = extraction(w, at);
    *number = FLAT_NO_RECORD;
    if (!inference)
        return 0;
    if (!*first)
        *first = known.part;
    *number = flat_record_add(w, inference);
    struct flat_record *record = &w->doc->records[*number];
    const char *outer = w->doc->records[w->record].suffix;
    int len = snprintf(known.suffix, sizeof known.suffix, "%s/%s%lld", outer,
                       *first == known.part ? "" : letters[known.part], (long long)n);
    if (len < 0 || (size_t)len >= sizeof known.suffix)
        return error_set(w->e, ERR_LIMIT, "the result has parts in parts in parts, too deep");
    *record = known;
    return 0;
}

static int put_split(struct flat_walk *w, const struct own *own, uint32_t at, int64_t n,
                     enum flat_part *first)
{
    const struct json_tape *t = w->tape;
    uint32_t range = json_tape_find(t, at, "page_range", JSON_ARRAY), row, record;
    int bounds[2] = {0, 0}, count = 0;
    if (range)
        for (uint32_t i = range + 1; i < t->values[range].next && count < 2; i = t->values[i].next)
            bounds[count++] = json_tape_count(t, i) + 1;
    struct flat_record part = {.part = FLAT_SPLIT,
                               .part_type = member(w, at, "document_type"),
                               .first_page = bounds[0],
                               .last_page = bounds[1]};
    const struct cell cells[] = {page_cell(w, bounds[0]), page_cell(w, bounds[1]), part.part_type};
    int r = put_row(w, own, n, FLAT_NO_ROW, cells, &row);
    if (r == 0)
        r = add_part(w, at, n, part, first, &record);
    if (r == 0)
        w->doc->rows[row].extracted = record;
    return r;
}

/* Keeps in *BEST the smaller (SIGN 1) or larger (SIGN -1) of it and the number V, if it can be computed with. */
static void keep(struct cell *best, struct cell v, int sign)
{
    struct decimal a, b;
    bool known = decimal_parse(&a, v.text, v.len) == 0;
    if (known && (best->kind == CELL_NONE || (decimal_parse(&b, best->text, best->len) == 0 &&
                                              decimal_compare(a, b) * sign < 0)))
        *best = v;
}

/* Left, top, right and bottom of the polygon AT, as sent: an array of arrays of two numbers. */
static void put_box(struct flat_walk *w, uint32_t at, struct cell box[BOX])
{
    struct json_scan s;
    size_t place = 0; /* in its point */
    if (!at || json_tape_kind(w->tape, at) != JSON_ARRAY)
        return;
    json_scan_init(&s, json_tape_text(w->tape, at), w->tape->values[at].len);
    while (json_scan_next(&s) > 0) {
        if (s.kind >= JSON_ARRAY)
            place = 0;
        if (s.kind != JSON_NUMBER || s.depth != 2 || place > 1)
            continue;
        const struct cell number = {CELL_NUMBER, s.text, s.len};
        keep(&box[place], number, 1);
        keep(&box[place + 2], number, -1);
        place++;
    }
}

static int put_crop(struct flat_walk *w, const struct own *own, uint32_t at, int64_t n,
                    enum flat_part *first)
{
    const struct json_tape *t = w->tape;
    uint32_t location = json_tape_find(t, at, "location", JSON_OBJECT), row, record;
    uint32_t polygon = location ? json_tape_member(t, location, "polygon") : 0;
    int page = location ? json_tape_count(t, json_tape_member(t, location, "page")) + 1 : 0;
    struct flat_record part = {.part = FLAT_CROP,
                               .part_type = member(w, at, "object_type"),
                               .first_page = page,
                               .last_page = page};
    struct cell cells[OWN_MAX] = {page_cell(w, page), part.part_type};
    put_box(w, polygon, cells + 2);
    cells[2 + BOX] = value_of(w, polygon);
    int r = put_row(w, own, n, FLAT_NO_ROW, cells, &row);
    if (r == 0)
        r = add_part(w, at, n, part, first, &record);
    if (r == 0)
        w->doc->rows[row].extracted = record;
    return r;
}

static int put_classification(struct flat_walk *w, const struct own *own, uint32_t at, int64_t n,
                              enum flat_part *first)
{
    uint32_t row, record;
    struct flat_record part = {.part = FLAT_CLASSIFICATION,
                               .part_type = member(w, at, "document_type")};
    int r = put_row(w, own, n, FLAT_NO_ROW, &part.part_type, &row);
    if (r == 0)
        r = add_part(w, at, n, part, first, &record);
    if (r == 0)
        w->doc->rows[row].extracted = record;
    return r;
}

static int put_words(struct flat_walk *w, uint32_t list, int64_t page, uint32_t page_row)
{
    const struct tape_value *values = w->tape->values;
    struct own own;
    int64_t n = 0;
    uint32_t row;
    int r = open_table(w, &words, &own);
    for (uint32_t i = list + 1; i < values[list].next && r == 0; i = values[i].next) {
        const struct cell cells[] = {flat_number(w, page), member(w, i, "content"),
                                     member(w, i, "polygon")};
        r = put_row(w, &own, ++n, page_row, cells, &row);
    }
    return r;
}

/* Adds to *N the pages of the array LIST. */
static int put_pages(struct flat_walk *w, uint32_t list, int64_t *n)
{
    const struct tape_value *values = w->tape->values;
    struct own own;
    uint32_t row;
    int r = list ? open_table(w, &pages, &own) : 0;
    for (uint32_t i = list + 1; list && i < values[list].next && r == 0; i = values[i].next) {
        uint32_t found = json_tape_find(w->tape, i, "words", JSON_ARRAY);
        int64_t count = 0;
        if (found)
            for (uint32_t k = found + 1; k < values[found].next; k = values[k].next)
                count++;
        const struct cell cells[] = {flat_number(w, ++*n),
                                     found ? flat_number(w, count) : (struct cell){0},
                                     member(w, i, "content")};
        r = put_row(w, &own, *n, FLAT_NO_ROW, cells, &row);
        if (r == 0 && found && w->words)
            r = put_words(w, found, *n, row);
    }
    return r;
}

/* The parts of one kind: an array's items, or one object. */
static int put_parts(struct flat_walk *w, uint32_t at, const struct own_table *kind,
                     int (*put)(struct flat_walk *, const struct own *, uint32_t, int64_t,
                                enum flat_part *),
                     enum flat_part *first)
{
    const struct tape_value *values = w->tape->values;
    struct own own;
    int64_t n = 0;
    if (!at)
        return 0;
    int r = open_table(w, kind, &own);
    if (json_tape_kind(w->tape, at) == JSON_OBJECT)
        return r < 0 ? r : put(w, &own, at, 1, first);
    for (uint32_t i = at + 1; i < values[at].next && r == 0; i = values[i].next)
        r = put(w, &own, i, ++n, first);
    return r;
}

int flatten_products(struct flat_walk *w, uint32_t result)
{
    const struct json_tape *t = w->tape;
    enum flat_part first = FLAT_WHOLE;
    int64_t n = 0;
    uint32_t text = json_tape_find(t, result, "raw_text", JSON_OBJECT);
    int r =
        put_parts(w, json_tape_find(t, result, "splits", JSON_ARRAY), &splits, put_split, &first);
    if (r == 0)
        r = put_parts(w, json_tape_find(t, result, "crops", JSON_ARRAY), &crops, put_crop, &first);
    if (r == 0)
        r = put_parts(w, json_tape_find(t, result, "classification", JSON_OBJECT), &classifications,
                      put_classification, &first);
    if (r == 0)
        r = put_pages(w, json_tape_find(t, result, "pages", JSON_ARRAY), &n);
    if (r == 0 && text)
        r = put_pages(w, json_tape_find(t, text, "pages", JSON_ARRAY), &n);
    return r;
}
