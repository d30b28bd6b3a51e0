/* limiter_slots.h - the limiter's counters: how many answers came in each slot of 100 ms, as long as
 * they count. Advance them before anything else is asked. */
#ifndef MB_CORE_LIMITER_SLOTS_H
#define MB_CORE_LIMITER_SLOTS_H

#include "base/clock.h"

#include <stdint.h>

enum {
    LIMITER_WINDOW_MS = 60500,
    LIMITER_SLOT_MS = 100,
    LIMITER_AHEAD = 100, /* slots of the future: lost ones, and other runs' stamps rounded up */
    LIMITER_SLOTS = LIMITER_WINDOW_MS / LIMITER_SLOT_MS + 1 + LIMITER_AHEAD,
};

struct limiter_slots {
    int64_t newest; /* number (time / LIMITER_SLOT_MS) of the newest: LIMITER_AHEAD past now's */
    int64_t first;  /* no slot before this one holds anything */
    uint32_t count[LIMITER_SLOTS]; /* ring: slot number modulo LIMITER_SLOTS; holds the slots
                                      newest - LIMITER_SLOTS + 1 to newest */
    uint64_t total;                /* in the ring and not expired */
};

void limiter_slots_init(struct limiter_slots *s, struct mono now);
void limiter_slots_clear(struct limiter_slots *s);
/* Forgets what expired by NOW. */
void limiter_slots_advance(struct limiter_slots *s, struct mono now);
/* Times before the window are dropped; none is more than LIMITER_AHEAD slots ahead of now. */
void limiter_slots_add(struct limiter_slots *s, struct mono at, uint32_t count);

/* The oldest slot that holds something; INT64_MAX: none does. */
int64_t limiter_slots_first(struct limiter_slots *s);
uint32_t limiter_slots_at(const struct limiter_slots *s, int64_t slot);
/* The sum of slots FROM to TO - 1. */
uint32_t limiter_slots_between(const struct limiter_slots *s, int64_t from, int64_t to);

/* When SLOT's content stops counting. */
static inline struct mono limiter_slot_expiry(int64_t slot)
{
    return (struct mono){(slot + 1) * LIMITER_SLOT_MS + LIMITER_WINDOW_MS};
}

#endif
