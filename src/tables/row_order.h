/* row_order.h - a record's rows table by table, as they are written.
 *
 *   struct row_order o = {0};
 *   row_order_make(&o, layout, doc, &doc->records[i]);            again and again: its memory is kept
 *   for (k = 0; k < o.count; k++) &doc->rows[row_order_row(&o, k)]
 *   row_order_release(&o);
 *
 * Tables come in the layout's order, `documents` first, the rows of each in that of the document; rows of tables that
 * the layout doesn't have are left out. It costs what sorting the rows costs, however many tables there are. */
#ifndef MB_TABLES_ROW_ORDER_H
#define MB_TABLES_ROW_ORDER_H

#include "tables/flat_document.h"
#include "tables/layout.h"

#include <stddef.h>
#include <stdint.h>

struct row_order {
    uint64_t *rows; /* the table's place above, the row's number below */
    size_t count, capacity;
};

void row_order_make(struct row_order *o, const struct layout *layout,
                    const struct flat_document *doc, const struct flat_record *record);
void row_order_release(struct row_order *o);

static inline size_t row_order_row(const struct row_order *o, size_t i)
{
    return (uint32_t)o->rows[i];
}

#endif
