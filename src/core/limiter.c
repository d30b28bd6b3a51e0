/* A place in the window is taken from the moment a request goes until 60.5 s after its answer.
 * limiter_next asks, in this order: is there a hold? may the pace go on? is a place free, and if
 * not, when? is there a lease for it? A lowered rate lowers the window's places too: after a burst
 * that met 429s, nothing goes until the burst has left the window far enough.
 *
 * Under leases the answer may be a time to look again: others' requests may have been answered.
 *
 * Why nothing packs more than N into a minute of the server's: of any requests it counted within 60
 * s, take the one that was taken here last. The server counted each of the others no more than 60 s
 * (60.24 s by a clock that is 0.4 % off) before this one, so after this one was taken less
 * those 60.24 s; each was answered later still, or not yet. So each still held its place when this
 * one was allowed, and there were fewer than N.
 *
 * Invariants: out never goes below 0; what expires is never more than what was counted; rate is in
 * (0, 1]; pace differs from the configured one only while rate < 1. */
#include "core/limiter.h"

#include "core/limiter_slots.h"

#include "base/require.h"

#include <math.h>
#include <string.h>

enum {
    GAIN_AFTER_MS = 60000, /* a minute without a 429 */
    HALVE_AGAIN_MS = 60000,
    EVEN_SLACK_MS = LIMITER_SLOT_MS, /* EVEN makes up for so much lateness of ours */
};
static const double GAIN = 0.05;

void limiter_init(struct limiter *l, uint32_t limit, enum limiter_pace pace, struct mono now)
{
    memset(l, 0, sizeof *l);
    l->limit = limit;
    l->configured = l->pace = pace;
    l->rate = 1.0;
    l->rate_changed = l->halve_after = l->even_at = l->hold_until = now;
    l->lease_end = MONO_NEVER;
    limiter_slots_init(&l->own, now);
    limiter_slots_init(&l->others, now);
    limiter_slots_init(&l->refused, now);
}

/* Time passes: counts expire, and each minute without a 429 gains. */
static void advance(struct limiter *l, struct mono now)
{
    limiter_slots_advance(&l->own, now);
    limiter_slots_advance(&l->others, now);
    limiter_slots_advance(&l->refused, now);
    while (l->rate < 1.0 && mono_diff(now, l->rate_changed) >= GAIN_AFTER_MS) {
        l->rate += GAIN;
        l->rate_changed = mono_add(l->rate_changed, GAIN_AFTER_MS);
        if (l->rate >= 1.0) {
            l->rate = 1.0;
            l->pace = l->configured;
        }
    }
}

static uint64_t taken(const struct limiter *l)
{
    return (uint64_t)l->out + l->others_out + l->own.total + l->others.total;
}

uint64_t limiter_taken(struct limiter *l, struct mono now)
{
    advance(l, now);
    return taken(l);
}

/* In the window, at the present rate. */
static uint64_t places(const struct limiter *l)
{
    return (uint64_t)fmax(1.0, (double)l->limit * l->rate);
}

static double even_interval_ms(const struct limiter *l)
{
    return LIMITER_WINDOW_MS / ((double)l->limit * l->rate);
}

/* When COUNT of the places that answers hold will have become free;
 * MONO_NEVER if they hold fewer. */
static struct mono expiry_of(struct limiter *l, uint64_t count)
{
    if (count > l->own.total + l->others.total)
        return MONO_NEVER;

    int64_t own = limiter_slots_first(&l->own), others = limiter_slots_first(&l->others);
    for (int64_t slot = own < others ? own : others;; slot++) {
        uint64_t here =
            (uint64_t)limiter_slots_at(&l->own, slot) + limiter_slots_at(&l->others, slot);
        if (here >= count)
            return limiter_slot_expiry(slot);
        count -= here;
    }
}

/* When the window, the pace and a hold allow the next one, without regard to leases, if TAKEN
 * places are taken now. */
static struct mono next_place(struct limiter *l, struct mono now, uint64_t taken_now)
{
    struct mono at = mono_max(now, l->hold_until);
    if (l->limit == 0)
        return at;
    if (l->pace == PACE_EVEN)
        at = mono_max(at, mono_add(l->even_at, -EVEN_SLACK_MS));
    uint64_t allowed = places(l);
    if (taken_now >= allowed)
        at = mono_max(at, expiry_of(l, taken_now - allowed + 1));
    return at;
}

static bool has_lease(const struct limiter *l, struct mono now)
{
    if (l->lease_end.ms == INT64_MAX || l->limit == 0)
        return true;
    return l->leased > 0 && now.ms < l->lease_end.ms;
}

struct mono limiter_next(struct limiter *l, struct mono now)
{
    advance(l, now);
    struct mono at = next_place(l, now, taken(l));
    if (mono_reached(now, at))
        return has_lease(l, now) ? at : MONO_NEVER;
    if (at.ms == INT64_MAX && l->others_out > 0) {
        struct mono look_again = next_place(l, now, taken(l) - l->others_out);
        return mono_reached(now, look_again) ? MONO_NEVER : look_again;
    }
    return at;
}

bool limiter_needs_lease(struct limiter *l, struct mono now)
{
    advance(l, now);
    if (l->limit == 0 || l->lease_end.ms == INT64_MAX)
        return false;
    if (mono_reached(now, next_place(l, now, taken(l))))
        return !has_lease(l, now);
    /* What others had out may have been answered, or never have been sent, since. */
    return mono_reached(now, next_place(l, now, taken(l) - l->others_out));
}

/* EVEN's next time moves by INTERVAL_MS, kept to the fraction. */
static void move_even(struct limiter *l, double interval_ms)
{
    double part = l->even_part + interval_ms, whole = floor(part);
    l->even_at.ms += (int64_t)whole;
    l->even_part = part - whole;
}

/* What wasn't used before EARLIEST is gone. */
static void start_even(struct limiter *l, struct mono earliest)
{
    if (l->even_at.ms < earliest.ms) {
        l->even_at = earliest;
        l->even_part = 0;
    }
}

void limiter_take(struct limiter *l, struct mono now)
{
    REQUIRE(mono_reached(now, limiter_next(l, now)));
    l->out++;
    if (l->limit == 0)
        return;
    if (l->lease_end.ms != INT64_MAX)
        l->leased--;

    if (l->pace == PACE_EVEN) {
        start_even(l, now);
        move_even(l, even_interval_ms(l));
    }
}

static void answered(struct limiter *l, struct mono now, struct mono counted_as_of)
{
    REQUIRE(l->out > 0);
    l->out--;
    advance(l, now);
    limiter_slots_add(&l->own, counted_as_of, 1);
}

void limiter_done(struct limiter *l, struct mono now)
{
    answered(l, now, now);
}

void limiter_lost(struct limiter *l, struct mono now)
{
    answered(l, now, mono_add(now, LIMITER_LOST_MS));
}

void limiter_untaken(struct limiter *l, struct mono now)
{
    REQUIRE(l->out > 0);
    advance(l, now);
    l->out--;
    if (l->limit == 0)
        return;
    if (l->lease_end.ms != INT64_MAX)
        l->leased++;
    if (l->pace == PACE_EVEN)
        move_even(l, -even_interval_ms(l));
}

/* Within the window. */
static uint64_t got_through(const struct limiter *l)
{
    return l->own.total > l->refused.total ? l->own.total - l->refused.total : 0;
}

void limiter_refused(struct limiter *l, struct mono now, int64_t retry_after_ms)
{
    advance(l, now);
    if (retry_after_ms > 0) {
        int64_t hold_ms =
            retry_after_ms < LIMITER_HOLD_MAX_MS ? retry_after_ms : LIMITER_HOLD_MAX_MS;
        l->hold_until = mono_max(l->hold_until, mono_add(now, hold_ms));
    }
    l->rate_changed = now;
    limiter_slots_add(&l->refused, now, 1);
    l->proven = got_through(l);
    if (l->limit == 0 || !mono_reached(now, l->halve_after))
        return;

    double least = 1.0 / (double)l->limit; /* one a minute */
    l->rate = fmax(l->rate / 2, fmin(least, 1.0));
    l->halve_after = mono_add(now, HALVE_AGAIN_MS);
    if (l->rate < 1.0)
        l->pace = PACE_EVEN;
    start_even(l, mono_add(now, EVEN_SLACK_MS));
    move_even(l, even_interval_ms(l));
}

uint32_t limiter_room(struct limiter *l, struct mono now)
{
    return limiter_room_within(l, now, 0);
}

uint32_t limiter_room_within(struct limiter *l, struct mono now, int64_t within_ms)
{
    advance(l, now);
    if (l->limit == 0)
        return UINT32_MAX;

    /* The last slot whose expiry is within: (slot + 1) * SLOT + WINDOW <= now + within. */
    int64_t end = (now.ms + within_ms - LIMITER_WINDOW_MS) / LIMITER_SLOT_MS;
    uint64_t freed = (uint64_t)limiter_slots_between(&l->own, 0, end) +
                     limiter_slots_between(&l->others, 0, end);
    uint64_t held = taken(l) - freed;
    return held < places(l) ? (uint32_t)(places(l) - held) : 0;
}

void limiter_lease(struct limiter *l, uint32_t count, struct mono end)
{
    l->leased = count;
    l->lease_end = end;
}

void limiter_clear_others(struct limiter *l, uint32_t out)
{
    limiter_slots_clear(&l->others);
    l->others_out = out;
}

void limiter_add_others(struct limiter *l, struct mono when, uint32_t count)
{
    limiter_slots_add(&l->others, when, count);
}

uint32_t limiter_answered(const struct limiter *l, struct mono from, struct mono to)
{
    int64_t first = (from.ms + LIMITER_SLOT_MS - 1) / LIMITER_SLOT_MS;
    int64_t end = (to.ms + LIMITER_SLOT_MS - 1) / LIMITER_SLOT_MS;
    return limiter_slots_between(&l->own, first, end);
}

double limiter_counted_on_per_minute(struct limiter *l, struct mono now)
{
    advance(l, now);
    double rate = limiter_rate_per_minute(l);
    if (l->rate < 1.0) {
        uint64_t through = got_through(l);
        l->proven = through > l->proven ? through : l->proven;
        rate = fmin(rate, (double)l->proven);
    }
    return fmax(rate - (double)l->others.total - l->others_out, 0.0);
}

double limiter_rate_per_minute(const struct limiter *l)
{
    return (double)l->limit * l->rate;
}
