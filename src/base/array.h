/* array.h - room in an array that grows at its end.
 *
 *   struct x *items = NULL;
 *   size_t count = 0, capacity = 0;
 *   ARRAY_RESERVE(items, capacity, count + 1);      room for so many; it may move
 *   items[count++] = x;
 *   free(items);
 *
 * It grows in doublings. For arrays that are bounded by something else: running out of memory ends
 * the process. */
#ifndef MB_BASE_ARRAY_H
#define MB_BASE_ARRAY_H

#include "base/require.h"

#include <stdint.h>
#include <stdlib.h>

enum { ARRAY_FIRST = 16 }; /* items of the first memory */

#define ARRAY_RESERVE(items, capacity, wanted)                                                     \
    ((items) = array_reserve((items), &(capacity), (wanted), sizeof *(items)))

static inline void *array_reserve(void *items, size_t *capacity, size_t wanted, size_t item_size)
{
    size_t larger = *capacity ? *capacity : ARRAY_FIRST;
    if (wanted <= *capacity)
        return items;
    while (larger < wanted) {
        REQUIRE(larger <= SIZE_MAX / 2 / item_size);
        larger *= 2;
    }
    items = realloc(items, larger * item_size);
    REQUIRE(items != NULL);
    *capacity = larger;
    return items;
}

#endif
