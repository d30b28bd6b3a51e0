/* layout.h - the tables of an export with their columns, in the order in which they are written: what
 * those who write CSV, workbooks and the like know of a table. The same set of columns gives the same
 * layout, whatever order the results came in (column_order.h). */
#ifndef MB_TABLES_LAYOUT_H
#define MB_TABLES_LAYOUT_H

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

/* The place of the column NAME in T, or -1. */
int layout_column_find(const struct layout_table *t, const char *name);

#endif
