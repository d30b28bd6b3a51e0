/* See timer_queue.h. The heap is 0-based; an entry remembers its place plus one, so that zeroed
 * memory means "not set". */
#include "base/timer_queue.h"
#include "base/array.h"

#include <stdlib.h>
#include <string.h>

void timer_queue_init(struct timer_queue *q)
{
    memset(q, 0, sizeof *q);
}

void timer_queue_release(struct timer_queue *q)
{
    free(q->heap);
    timer_queue_init(q);
}

static void place(struct timer_queue *q, size_t i, struct timer_entry *e)
{
    q->heap[i] = e;
    e->index = i + 1;
}

static void sift_up(struct timer_queue *q, size_t i, struct timer_entry *e)
{
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (q->heap[parent]->at.ms <= e->at.ms)
            break;
        place(q, i, q->heap[parent]);
        i = parent;
    }
    place(q, i, e);
}

static void sift_down(struct timer_queue *q, size_t i, struct timer_entry *e)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= q->count)
            break;
        if (child + 1 < q->count && q->heap[child + 1]->at.ms < q->heap[child]->at.ms)
            child++;
        if (q->heap[child]->at.ms >= e->at.ms)
            break;
        place(q, i, q->heap[child]);
        i = child;
    }
    place(q, i, e);
}

void timer_queue_remove(struct timer_queue *q, struct timer_entry *e)
{
    if (!e->index)
        return;
    size_t i = e->index - 1;
    REQUIRE(i < q->count && q->heap[i] == e);
    e->index = 0;
    struct timer_entry *last = q->heap[--q->count];
    if (last == e)
        return;
    sift_down(q, i, last);
    if (q->heap[i] == last)
        sift_up(q, i, last);
}

void timer_queue_set(struct timer_queue *q, struct timer_entry *e, struct mono at)
{
    timer_queue_remove(q, e);
    ARRAY_RESERVE(q->heap, q->capacity, q->count + 1);
    e->at = at;
    sift_up(q, q->count++, e);
}

struct mono timer_queue_next(const struct timer_queue *q)
{
    return q->count ? q->heap[0]->at : MONO_NEVER;
}

struct timer_entry *timer_queue_pop(struct timer_queue *q, struct mono now)
{
    if (!q->count || !mono_reached(now, q->heap[0]->at))
        return NULL;
    struct timer_entry *e = q->heap[0];
    timer_queue_remove(q, e);
    return e;
}
