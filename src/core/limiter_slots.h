/* limiter_slots.h - the limiter's counters (struct limiter_slots of limiter.h). Advance them before
 * anything else is asked. */
#ifndef MB_CORE_LIMITER_SLOTS_H
#define MB_CORE_LIMITER_SLOTS_H

#include "core/limiter.h"

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
