/* cell.h - one value of a result as it was sent: what a table has in one row of one column.
 *
 * A number keeps its digits ("1881.30", "12345678901234567890", "1e5"): nothing on the way to a table
 * goes through a double. A text is decoded UTF-8, in which a NUL may stand (\u0000); half a surrogate
 * pair has become U+FFFD. The bytes belong to whoever made the cell; they aren't NUL-terminated. */
#ifndef MB_TABLES_CELL_H
#define MB_TABLES_CELL_H

#include <stddef.h>

enum cell_kind {
    CELL_NONE, /* nothing was sent: an empty cell everywhere */
    CELL_NULL,
    CELL_TEXT,
    CELL_NUMBER,  /* a JSON number, as written */
    CELL_BOOLEAN, /* "true" or "false" */
    CELL_JSON,    /* of a form that isn't known here: its JSON text */
};

struct cell {
    enum cell_kind kind;
    const char *text; /* NULL for CELL_NONE and CELL_NULL */
    size_t len;       /* bytes */
};

#endif
