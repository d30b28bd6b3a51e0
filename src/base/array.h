/* array.h - room in an array that grows at its end.
 *
 *   struct x *items = NULL;
 *   size_t count = 0, capacity = 0;
 *   ARRAY_RESERVE(items, capacity, count + 1);      room for so many; it may move
 *   items[count++] = x;
 *   count = array_sort_numbers(ids, count);         of int64_t: in order, each once
 *   array_has_number(ids, count, id)                whether it is among those
 *   free(items);
 *
 * It grows in doublings. For arrays that are bounded by something else: running out of memory ends
 * the process. */
#ifndef MB_BASE_ARRAY_H
#define MB_BASE_ARRAY_H

#include "base/require.h"

#include <stdbool.h>
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

static inline int array_by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Returns how many are left. */
static inline size_t array_sort_numbers(int64_t *numbers, size_t count)
{
    size_t kept = 0;
    if (count)
        qsort(numbers, count, sizeof *numbers, array_by_number);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || numbers[kept - 1] != numbers[i])
            numbers[kept++] = numbers[i];
    return kept;
}

static inline bool array_has_number(const int64_t *numbers, size_t count, int64_t number)
{
    return count && bsearch(&number, numbers, count, sizeof number, array_by_number) != NULL;
}

#endif
