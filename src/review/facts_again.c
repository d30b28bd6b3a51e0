/* The records that are to be checked again: a heap, the oldest on top, because each concerns younger ones alone. See
 * facts_internal.h. */
#include "base/array.h"
#include "review/facts_internal.h"

static void swap(int64_t *a, int64_t *b)
{
    const int64_t kept = *a;
    *a = *b;
    *b = kept;
}

void facts_check_again(struct facts *f, int64_t id)
{
    ARRAY_RESERVE(f->again, f->again_capacity, f->again_count + 1);
    size_t i = f->again_count++;
    f->again[i] = id;
    for (; i && f->again[(i - 1) / 2] > f->again[i]; i = (i - 1) / 2)
        swap(&f->again[(i - 1) / 2], &f->again[i]);
}

static int64_t take_oldest(struct facts *f)
{
    int64_t *heap = f->again, oldest = heap[0];
    const size_t count = --f->again_count;
    heap[0] = heap[count];
    for (size_t i = 0, least;; i = least) {
        least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < count && heap[child] < heap[least])
                least = child;
        if (least == i)
            return oldest;
        swap(&heap[i], &heap[least]);
    }
}

bool facts_next_again(struct facts *f, int64_t *id)
{
    if (f->again_count == 0)
        return false;
    *id = take_oldest(f);
    while (f->again_count && f->again[0] == *id)
        (void)take_oldest(f);
    return true;
}
