/* flat_walk.h - how rows and cells are put into a flat document: what the parts of flatten() share.
 *
 *   row = flat_row_begin(w, table, n, from)         its cells follow, one behind the other
 *   flat_cell_put(w, node, &value)                  in the column of NODE
 *   flat_row_end(w)
 *
 * Functions that return an int return 0 or ERR_LIMIT with words. */
#ifndef MB_TABLES_FLAT_WALK_H
#define MB_TABLES_FLAT_WALK_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/json_tape.h"
#include "tables/byte_store.h"
#include "tables/columns.h"
#include "tables/flat_document.h"

enum { FLAT_NO_ROW = UINT32_MAX };

/* A list whose rows are still to be made: they come after the row that it stands in. */
struct pending_list {
    uint32_t items; /* the array */
    uint32_t table, node;
    uint32_t row; /* the one that it stands in */
};

/* Where a row's list stands. */
struct row_origin {
    uint32_t row, node; /* FLAT_NO_ROW: straight in the result */
};

struct flat_memory {
    struct json_tape tape;
    struct byte_store bytes; /* decoded texts, paths, places of enclosing items */
    size_t record_capacity, row_capacity, cell_capacity;
    uint32_t *inferences; /* of each record */
    size_t inference_capacity;
    struct row_origin *origins; /* of each row */
    size_t origin_capacity;
    struct pending_list *lists; /* of the record at work */
    size_t list_count, list_capacity;
    struct buffer path;
};

struct flat_walk {
    struct flat_document *doc;
    struct flat_memory *m;
    const struct json_tape *tape;
    struct columns *columns;
    bool words;
    struct error *e;
    uint32_t record; /* at work */
    /* its lowest confidence so far */
    int lowest; /* see confidence_rank() */
    uint32_t lowest_cell, lowest_row;
};

void *flat_take(struct flat_walk *w, size_t len, size_t align); /* never NULL */
int flat_too_many(struct flat_walk *w);                         /* ERR_LIMIT, in words */

/* The value AT as a cell: of an array or object its JSON text, without blanks between its parts. */
struct cell flat_value(struct flat_walk *w, uint32_t at);
struct cell flat_json(struct flat_walk *w, uint32_t at); /* the JSON text of any value */
struct cell flat_number(struct flat_walk *w, int64_t number);

/* Row N of the list at ORIGIN. */
uint32_t flat_row_begin(struct flat_walk *w, uint32_t table, int64_t n, struct row_origin origin);
void flat_row_end(struct flat_walk *w);
/* The cell is valid until the next one. */
MUST_CHECK int flat_cell_put(struct flat_walk *w, uint32_t node, struct cell value,
                             struct flat_cell **cell);

#endif
