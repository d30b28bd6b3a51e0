/* value_place.h - where a value of a record is, as people write it: which table, row and column that is.
 *
 *   total_amount, locale.currency           a field of the record
 *   line_items[2].total_price               of the second line; line_items[2]: the line itself
 *   field_object.orders[1].lines[3].price   of a list in a list
 *   tags[2]                                 of a list of simple values, its second */
#ifndef MB_REVIEW_VALUE_PLACE_H
#define MB_REVIEW_VALUE_PLACE_H

#include "base/error.h"
#include "tables/flat_document.h"

enum { PLACE_PATH_MAX = 600, PLACE_UPS_MAX = 4 };

struct value_place {
    uint32_t table;
    bool has_column;
    uint32_t column;
    int64_t n; /* of the row, from 1; 0: the record's own */
    int64_t up[PLACE_UPS_MAX];
    size_t up_count;
};

struct columns;

/* False: there is no such place. */
bool value_place_look(struct value_place *p, const struct columns *c, const char *path);
/* 0, or ERR_NOT_FOUND with the nearest name. */
MUST_CHECK int value_place_find(struct value_place *p, const struct columns *c, const char *path,
                                struct error *e);
bool value_place_is_row(const struct value_place *p, const struct flat_row *row);
/* The cell that is there, or NULL. */
const struct flat_cell *value_place_cell(const struct value_place *p,
                                         const struct flat_document *doc,
                                         const struct flat_record *record);

#endif
