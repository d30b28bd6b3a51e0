/* timer_queue.h - deadlines in order: a binary heap whose entries live inside their owners. */
#ifndef MB_BASE_TIMER_QUEUE_H
#define MB_BASE_TIMER_QUEUE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct timer_entry {
    struct mono at;
    size_t index; /* place in the heap plus 1; 0: not in it */
};

#define TIMER_OWNER(entry, type, member) ((type *)(void *)((char *)(entry)-offsetof(type, member)))

struct timer_queue {
    struct timer_entry **heap;
    size_t count, capacity;
};

void timer_queue_init(struct timer_queue *q);
void timer_queue_release(struct timer_queue *q); /* the entries belong to their owners */

/* Sets or moves the entry's deadline. */
void timer_queue_set(struct timer_queue *q, struct timer_entry *e, struct mono at);
void timer_queue_remove(struct timer_queue *q, struct timer_entry *e); /* fine if it isn't in it */

static inline bool timer_entry_is_set(const struct timer_entry *e)
{
    return e->index != 0;
}

/* The earliest deadline, or MONO_NEVER. */
struct mono timer_queue_next(const struct timer_queue *q);
/* Removes and returns the earliest entry due at NOW, or NULL. */
struct timer_entry *timer_queue_pop(struct timer_queue *q, struct mono now);

#endif
