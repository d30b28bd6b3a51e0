/* A ring of counters, one for each 100 ms, which holds exactly what still counts: the slots of the
 * last 60.5 s, the one in progress, and some of the future. A slot counts until its end is 60.5 s
 * ago, so each answer counts up to 100 ms too long and never too short.
 *
 * Each step is paid for once: the ring moves on by a slot for each 100 ms that pass, and `first`,
 * where the oldest count may be, moves over each empty slot once. */
#include "core/limiter_slots.h"

#include "base/require.h"

#include <string.h>

static int64_t slot_of(int64_t ms)
{
    REQUIRE(ms >= 0);
    return ms / LIMITER_SLOT_MS;
}

static uint32_t *counter(struct limiter_slots *s, int64_t slot)
{
    return &s->count[slot % LIMITER_SLOTS];
}

static int64_t oldest_slot(const struct limiter_slots *s)
{
    int64_t oldest = s->newest - LIMITER_SLOTS + 1;
    return oldest > 0 ? oldest : 0;
}

void limiter_slots_init(struct limiter_slots *s, struct mono now)
{
    memset(s, 0, sizeof *s);
    s->newest = slot_of(now.ms) + LIMITER_AHEAD;
    s->first = s->newest + 1;
}

void limiter_slots_clear(struct limiter_slots *s)
{
    memset(s->count, 0, sizeof s->count);
    s->total = 0;
    s->first = s->newest + 1;
}

static void advance_to(struct limiter_slots *s, int64_t newest)
{
    if (newest - s->newest >= LIMITER_SLOTS) {
        s->newest = newest;
        limiter_slots_clear(s);
        return;
    }
    while (s->newest < newest) {
        uint32_t *reused = counter(s, ++s->newest); /* the oldest, expired now */
        s->total -= *reused;
        *reused = 0;
    }
    if (s->total == 0)
        s->first = s->newest + 1;
    else if (s->first < oldest_slot(s))
        s->first = oldest_slot(s);
}

void limiter_slots_advance(struct limiter_slots *s, struct mono now)
{
    advance_to(s, slot_of(now.ms) + LIMITER_AHEAD);
}

void limiter_slots_add(struct limiter_slots *s, struct mono at, uint32_t count)
{
    if (at.ms < 0 || count == 0) /* stamps may come from a file */
        return;
    int64_t slot = slot_of(at.ms);
    if (slot < oldest_slot(s))
        return;
    if (slot > s->newest) /* nobody told us the time for a while: at most AHEAD past it */
        advance_to(s, slot);
    *counter(s, slot) += count;
    s->total += count;
    if (slot < s->first)
        s->first = slot;
}

int64_t limiter_slots_first(struct limiter_slots *s)
{
    if (s->total == 0)
        return INT64_MAX;
    while (*counter(s, s->first) == 0)
        s->first++;
    return s->first;
}

uint32_t limiter_slots_at(const struct limiter_slots *s, int64_t slot)
{
    return slot >= oldest_slot(s) && slot <= s->newest ? s->count[slot % LIMITER_SLOTS] : 0;
}

uint32_t limiter_slots_between(const struct limiter_slots *s, int64_t from, int64_t to)
{
    uint32_t sum = 0;
    if (from < s->first)
        from = s->first;
    for (int64_t slot = from; slot < to && slot <= s->newest; slot++)
        sum += limiter_slots_at(s, slot);
    return sum;
}
