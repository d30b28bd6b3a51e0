/* layout.h - the tables of an export with their columns, in the order in which they are written: what
 * those who write CSV, workbooks and the like know of a table. The same set of columns gives the same
 * layout, whatever order the results came in (column_order.h). */
#ifndef MB_TABLES_LAYOUT_H
#define MB_TABLES_LAYOUT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_DATE, COLUMN_BOOLEAN };

struct layout_column {
    const char *name; /* as in CSV: escaped names joined by dots, "supplier_address.city" */
    enum column_kind kind;
    bool own;     /* ours (it begins with an underscore, or says something about a value) */
    bool integer; /* ours, and a whole number: _n, _pages */
    bool amount;  /* money, in the currency of its record */
    int decimals; /* the most that one of its numbers had, exponents expanded */
    int width;    /* the most characters that one of its values had */
};

struct layout_table {
    const char *name; /* "documents", "line_items", "matrix.#" */
    const struct layout_column *columns;
    size_t column_count;
};

struct layout {
    const struct layout_table *tables; /* documents first */
    size_t table_count;
};

struct layout_options {
    const char *const *tables; /* these alone, in the layout's order all the same; none: all */
    size_t table_count;
    bool lowest;          /* the columns that say which value of a record is the least sure */
    bool each_confidence; /* a #confidence behind each value's column */
    bool each_page;       /* a #page likewise */
    bool words;           /* the table of an OCR result's words */
};

struct columns;

/* What COLUMNS has, for rows that are made of documents flattened with the same set (dense_row.h), which
 * must outlive it. ERR_USAGE: there is no table of a name in OPTIONS, and the words say which there are. */
MUST_CHECK int layout_new(struct layout **out, const struct columns *columns,
                          const struct layout_options *options, struct error *e);
void layout_free(struct layout *l); /* fine on NULL */

/* The place of the column NAME in T, or -1. */
int layout_column_find(const struct layout_table *t, const char *name);

/* Where what was flattened goes, -1: nowhere. TABLE and COLUMN are of the set. L comes from layout_new. */
int layout_table_place(const struct layout *l, size_t table);
int layout_column_place(const struct layout *l, size_t column);

#endif
