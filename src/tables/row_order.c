/* See row_order.h. Most records' rows stand in order already, which is seen on the way. */
#include "tables/row_order.h"

#include "base/array.h"

static int by_place(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void row_order_make(struct row_order *o, const struct layout *layout,
                    const struct flat_document *doc, const struct flat_record *record)
{
    bool sorted = true;
    o->count = 0;
    ARRAY_RESERVE(o->rows, o->capacity, record->row_count);
    for (size_t i = record->rows; i < record->rows + record->row_count; i++) {
        int place = layout_table_place(layout, doc->rows[i].table);
        if (place < 0)
            continue;
        uint64_t row = (uint64_t)place << 32 | (uint32_t)i;
        sorted &= o->count == 0 || o->rows[o->count - 1] < row;
        o->rows[o->count++] = row;
    }
    if (!sorted)
        qsort(o->rows, o->count, sizeof *o->rows, by_place);
}

void row_order_release(struct row_order *o)
{
    free(o->rows);
    *o = (struct row_order){0};
}
