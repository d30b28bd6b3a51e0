/* See dense_row.h. The own cells of a row are found by the beginning of its columns' names once for each table,
 * not for each row. */
#include "tables/dense_row.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "base/require.h"
#include "tables/own_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 24, OWN_KEY_MAX = RECORD_KEY_MAX + 64 + 24 };

/* An own column of a table. */
struct own_place {
    int column;
    enum own_column which;
    int level; /* of OWN_UP, from 1 */
};

struct own_places {
    struct own_place *places;
    size_t count;
    bool confidence, page; /* it has columns of each value's */
};

struct dense_row {
    const struct layout *layout;
    struct own_places *own; /* of each table of the layout */
    struct cell *cells;
    char (*numbers)[NUMBER_MAX]; /* of own cells: as many as a table has own columns at most */
    size_t number_count;
    char key[OWN_KEY_MAX], extracted[OWN_KEY_MAX];
    const struct document_facts *facts;
    const struct record_review *review; /* of the record at hand; NULL */
    const struct flat_document *doc;
};

/* --- own columns, found once --- */

static bool own_of(const char *name, struct own_place *out)
{
    size_t up = strlen(own_columns[OWN_UP].name);
    for (int i = 0; i < OWN_COLUMNS; i++)
        if (i != OWN_UP && strcmp(name, own_columns[i].name) == 0) {
            out->which = (enum own_column)i;
            return true;
        }
    if (strncmp(name, own_columns[OWN_UP].name, up) != 0)
        return false;
    out->which = OWN_UP;
    out->level = atoi(name + up);
    return true;
}

static void find_own(const struct layout_table *t, struct own_places *own)
{
    for (size_t i = 0; i < t->column_count; i++) {
        const char *name = t->columns[i].name, *about = strrchr(name, '#');
        struct own_place place = {.column = (int)i};
        if (!t->columns[i].own)
            continue;
        own->confidence |= about && strcmp(about, "#confidence") == 0;
        own->page |= about && strcmp(about, "#page") == 0;
        if (!own_of(name, &place))
            continue;
        own->places = realloc(own->places, (own->count + 1) * sizeof *own->places);
        REQUIRE(own->places != NULL);
        own->places[own->count++] = place;
    }
}

struct dense_row *dense_row_new(const struct layout *layout)
{
    struct dense_row *r = xcalloc(1, sizeof *r);
    size_t widest = 0;
    r->layout = layout;
    r->own = xcalloc(layout->table_count + 1, sizeof *r->own);
    for (size_t i = 0; i < layout->table_count; i++) {
        find_own(&layout->tables[i], &r->own[i]);
        widest = layout->tables[i].column_count > widest ? layout->tables[i].column_count : widest;
        r->number_count = r->own[i].count > r->number_count ? r->own[i].count : r->number_count;
    }
    /* and of pages of values, which are many: each has its own number */
    r->number_count += widest;
    r->cells = xcalloc(widest + 1, sizeof *r->cells);
    r->numbers = xcalloc(r->number_count + 1, sizeof *r->numbers);
    return r;
}

void dense_row_free(struct dense_row *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->layout->table_count; i++)
        free(r->own[i].places);
    free(r->own);
    free(r->cells);
    free(r->numbers);
    free(r);
}

/* --- one row --- */

static struct cell text_cell(const char *text)
{
    return text && *text ? (struct cell){CELL_TEXT, text, strlen(text)}
                         : (struct cell){CELL_NONE, NULL, 0};
}

/* N below 1 is nothing. SLOT: where its digits are kept. */
static struct cell number_cell(struct dense_row *r, size_t slot, int64_t n)
{
    if (n < 1)
        return (struct cell){CELL_NONE, NULL, 0};
    int len = snprintf(r->numbers[slot], NUMBER_MAX, "%lld", (long long)n);
    return (struct cell){CELL_NUMBER, r->numbers[slot], (size_t)len};
}

static const char *part_name(enum flat_part part)
{
    switch (part) {
    case FLAT_SPLIT:
        return "split";
    case FLAT_CROP:
        return "crop";
    case FLAT_CLASSIFICATION:
        return "classification";
    default:
        return "";
    }
}

/* The key of the record that lies in the part that ROW tells of; "" if none does. */
static const char *key_within(struct dense_row *r, const struct flat_row *row)
{
    if (row->extracted == FLAT_NO_RECORD)
        return "";
    snprintf(r->extracted, sizeof r->extracted, "%s%s", r->facts->key,
             r->doc->records[row->extracted].suffix);
    return r->extracted;
}

static int64_t up_of(const struct flat_row *row, int level)
{
    return level >= 1 && (uint32_t)level <= row->up_count ? row->up[level - 1] : 0;
}

static struct cell review_cell(const struct record_review *review, enum own_column which)
{
    static const struct record_review none;
    const struct record_review *v = review ? review : &none;
    switch (which) {
    case OWN_STATUS:
        return text_cell(v->status);
    case OWN_REASONS:
        return text_cell(v->reasons);
    case OWN_CORRECTED:
        return text_cell(v->corrected);
    case OWN_DUPLICATES:
        return text_cell(v->duplicates);
    default:
        return (struct cell){CELL_NONE, NULL, 0};
    }
}

static struct cell own_cell(struct dense_row *r, const struct own_place *place, size_t slot,
                            const struct flat_record *record, const struct flat_row *row)
{
    const struct document_facts *f = r->facts;
    switch (place->which) {
    case OWN_RECORD:
        return text_cell(r->key);
    case OWN_FILE:
        return text_cell(f->file);
    case OWN_N:
        return number_cell(r, slot, row->n);
    case OWN_UP:
        return number_cell(r, slot, up_of(row, place->level));
    case OWN_EXTRACTED:
        return text_cell(key_within(r, row));
    case OWN_PART:
        return text_cell(part_name(record->part));
    case OWN_PART_TYPE:
        return record->part_type;
    case OWN_FIRST_PAGE:
        return number_cell(r, slot, record->first_page);
    case OWN_LAST_PAGE:
        return number_cell(r, slot, record->last_page);
    case OWN_PAGES:
        return number_cell(r, slot, f->pages);
    case OWN_FILES:
        return number_cell(r, slot, f->files);
    case OWN_RESULT:
        return text_cell(f->result);
    case OWN_STORED_AT:
        return text_cell(f->stored_at);
    case OWN_PERIOD:
        return text_cell(f->period);
    case OWN_MODEL:
        return record->model.kind == CELL_TEXT ? record->model : text_cell(f->model);
    case OWN_JOB:
        return text_cell(f->job);
    case OWN_RAG_DOCUMENT:
        return record->rag_document;
    case OWN_SHA256:
        return text_cell(f->sha256);
    case OWN_LOWEST_CONFIDENCE:
        return record->lowest_confidence;
    case OWN_LOWEST_FIELD:
        return text_cell(record->lowest_field);
    default:
        return review_cell(r->review, place->which);
    }
}

void dense_row_document(struct dense_row *r, const struct document_facts *facts,
                        const struct flat_document *doc)
{
    r->facts = facts;
    r->review = NULL;
    r->doc = doc;
}

void dense_row_review(struct dense_row *r, const struct record_review *review)
{
    r->review = review;
}

static void fill_values(struct dense_row *r, const struct flat_row *row,
                        const struct own_places *own)
{
    for (size_t i = row->cells; i < row->cells + row->cell_count; i++) {
        const struct flat_cell *c = &r->doc->cells[i];
        int at = layout_column_place(r->layout, c->column);
        if (at < 0)
            continue;
        r->cells[at++] = c->value;
        if (own->confidence) {
            r->cells[at++] = c->confidence
                                 ? (struct cell){CELL_TEXT, c->confidence, c->confidence_len}
                                 : (struct cell){CELL_NONE, NULL, 0};
        }
        if (own->page)
            r->cells[at] = number_cell(r, own->count + (size_t)at, c->page);
    }
}

int dense_row_fill(struct dense_row *r, const struct flat_record *record,
                   const struct flat_row *row)
{
    int table = layout_table_place(r->layout, row->table);
    if (table < 0)
        return -1;
    const struct own_places *own = &r->own[table];
    memset(r->cells, 0, r->layout->tables[table].column_count * sizeof *r->cells);
    fill_values(r, row, own);
    snprintf(r->key, sizeof r->key, "%s%s", r->facts->key, record->suffix);
    for (size_t i = 0; i < own->count; i++)
        r->cells[own->places[i].column] = own_cell(r, &own->places[i], i, record, row);
    return table;
}

const struct cell *dense_row_cells(const struct dense_row *r)
{
    return r->cells;
}

/* Each part is followed by a NUL, which none of them has: no two documents give the same bytes. */
void record_key(const uint8_t sha[32], const char *product, const char *model_id,
                const char *options, char out[RECORD_KEY_MAX])
{
    const char *const parts[] = {product, model_id, options};
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    struct buffer all;
    buffer_init(&all, 0);
    REQUIRE(buffer_append(&all, sha, SHA256_BYTES) == 0);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        REQUIRE(buffer_append(&all, parts[i], strlen(parts[i]) + 1) == 0);
    sha256(all.data, all.len, digest);
    buffer_release(&all);
    hex_encode(digest, sizeof digest, hex);
    snprintf(out, RECORD_KEY_MAX, "d%.16s", hex);
}
