/* columns.h - the tables and columns that results have shown so far: a set that only grows.
 *
 *   struct columns *c = columns_new();
 *   flatten(doc, c, &options, json, len, &e) adds what it meets for the first time (flatten.h)
 *   columns_see(c, doc, result_id)           kinds, widths and examples from the document's values
 *   layout_new(&layout, c, &options, &e)     the tables as they are written (layout.h), in the order of
 *                                            column_order.h
 *
 * Numbers of tables and columns stay valid for the life of the set; table 0 is `documents`. The catalogue
 * (catalogue.h) keeps a set from one export to the next, one for each set of settings. */
#ifndef MB_TABLES_COLUMNS_H
#define MB_TABLES_COLUMNS_H

#include "base/require.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct columns;
struct flat_document;

enum {
    COLUMN_EXAMPLE_MAX = 64,              /* bytes, with the NUL */
    COLUMNS_MAX = 200000,                 /* tables and columns of a set */
    COLUMN_NAME_MAX = 64 * 1024,          /* bytes of one name */
    COLUMNS_NAMES_MAX = 64 * 1024 * 1024, /* of all names together */
};

/* What a column's values have been, as bits. */
enum column_saw {
    COLUMN_SAW_NUMBER = 1,
    COLUMN_SAW_DATE = 2, /* a real YYYY-MM-DD */
    COLUMN_SAW_TEXT = 4, /* any other text */
    COLUMN_SAW_BOOLEAN = 8,
    COLUMN_SAW_JSON = 16,
};

struct column {
    const char *name; /* escaped, joined by dots; owned by the set */
    uint32_t table;
    unsigned saw;
    int decimals, width;               /* the most, see layout.h */
    int64_t filled;                    /* values that weren't null */
    int64_t first_result, last_result; /* the ledger's results in which it was filled; 0: none */
    char example[COLUMN_EXAMPLE_MAX];  /* the first value, cut at a character */
};

struct column_table {
    const char *name; /* owned by the set */
    int levels; /* lists around a row: 0 for documents, 1 for a list, 2 for a list in a list */
};

struct columns *columns_new(void);
void columns_free(struct columns *c);
size_t columns_table_count(const struct columns *c);
const struct column_table *columns_table(const struct columns *c, size_t table);
size_t columns_count(const struct columns *c);
const struct column *columns_get(const struct columns *c, size_t column);

/* A table or column as the catalogue kept it: found, or added. A table has the most levels of those it was put
 * with. ERR_LIMIT: more than a set holds. */
MUST_CHECK int columns_put_table(struct columns *c, const char *name, int levels, uint32_t *table);
MUST_CHECK int columns_put(struct columns *c, uint32_t table, const char *name, uint32_t *column);
/* Adds the facts of KNOWN to those of COLUMN. */
void columns_learn(struct columns *c, uint32_t column, const struct column *known);
/* The document's values, which were flattened with this set. */
void columns_see(struct columns *c, const struct flat_document *doc, int64_t result_id);
/* Everything FROM has, put into C too: an export of several models has one set. */
MUST_CHECK int columns_join(struct columns *c, const struct columns *from);

#endif
