/* limiter.h - never over the limit: at most N requests in any 60 seconds as the
 * server counts them. Pure.
 *
 * A request may go out only if fewer than N others are out or were answered within the last 60.5 s.
 * The server saw each of those before its answer, so no jitter on the way packs more than N into
 * any window; the half second is for clocks that run differently. Answers are counted in slots of
 * 100 ms, rounded against us, so memory doesn't depend on N.
 *
 *   at = limiter_next(l, now);    when may the next one go: NOW, later, or MONO_NEVER
 *   limiter_take(l, now);         it goes
 *   limiter_done(l, now);         answered
 *   limiter_lost(l, now);         its connection ended without an answer: counts for 5 s longer
 *   limiter_untaken(l, now);      nothing left us after all: taken back
 *   limiter_refused(l, now, ms);  429: besides limiter_done
 *
 * Pace WINDOW sends as soon as it may; EVEN spaces requests (a generic cell rate algorithm: one
 * each 60.5 s / N). A 429 although our own count was under the limit means that somebody else uses
 * the key, or the server's bucket is smaller: pacing turns even and the rate halves (once a minute
 * at most), gains 5 % of the limit for each minute without one, and goes back to WINDOW at the full
 * rate (if that is how it was configured). A Retry-After holds everything.
 *
 * Several runs share a limit through leases: what others have out or had answered comes in by
 * limiter_set_others, and nothing goes out beyond what the lease allows. */
#ifndef MB_CORE_LIMITER_H
#define MB_CORE_LIMITER_H

#include "core/limiter_slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LIMITER_LOST_MS = 5000,
    LIMITER_HOLD_MAX_MS = 3600000, /* of a Retry-After */
};

enum limiter_pace { PACE_WINDOW, PACE_EVEN };

struct limiter {
    uint32_t limit; /* 0: none */
    enum limiter_pace configured, pace;
    double rate;                  /* share of the limit we allow ourselves, (0, 1]: AIMD */
    struct mono rate_changed;     /* last 429, halving or gain: the next gain is a minute later */
    struct mono halve_after;      /* no halving before */
    struct mono even_at;          /* EVEN: the next request's theoretical time */
    double even_part;             /* of a millisecond behind even_at, [0, 1) */
    struct mono hold_until;       /* Retry-After */
    uint32_t out;                 /* on the wire */
    struct limiter_slots own;     /* answered */
    struct limiter_slots others;  /* answered to other runs, or counted as such */
    struct limiter_slots refused; /* of our own: answered with 429 */
    uint32_t others_out;
    uint64_t proven;       /* got through in a minute, at the last 429 or since */
    uint32_t leased;       /* requests that may still go out under the lease */
    struct mono lease_end; /* MONO_NEVER: no leases are used */
};

/* LIMIT requests a minute, after limits.share; 0: none.
 * Without leases until limiter_lease is called. */
void limiter_init(struct limiter *l, uint32_t limit, enum limiter_pace pace, struct mono now);

/* NOW: one may go. Later: none before; then, or (under leases) look again then. MONO_NEVER: not
 * before an answer, or a lease (limiter_needs_lease). */
struct mono limiter_next(struct limiter *l, struct mono now);
void limiter_take(struct limiter *l, struct mono now);
void limiter_done(struct limiter *l, struct mono now);
void limiter_lost(struct limiter *l, struct mono now);
void limiter_untaken(struct limiter *l, struct mono now);
void limiter_refused(struct limiter *l, struct mono now, int64_t retry_after_ms);

/* How many could go out at NOW under the window at its present rate, without regard to the lease,
 * the pace or a hold. */
uint32_t limiter_room(struct limiter *l, struct mono now);
/* How many of the next WITHIN_MS's window places are free or become free by then:
 * out ones count as taken. */
uint32_t limiter_room_within(struct limiter *l, struct mono now, int64_t within_ms);

/* Places of the window that are taken: on the wire or answered, here and elsewhere. */
uint64_t limiter_taken(struct limiter *l, struct mono now);

/* The lease: up to COUNT requests until END; replaces the one before. */
void limiter_lease(struct limiter *l, uint32_t count, struct mono end);
/* Requests limiter_next would allow but for the lease, or for what others had out when last looked:
 * ask for one (limiter_next says MONO_NEVER meanwhile). */
bool limiter_needs_lease(struct limiter *l, struct mono now);
/* Own requests answered, or lost and counted as answered, in the slots that begin in [FROM, TO). */
uint32_t limiter_answered(const struct limiter *l, struct mono from, struct mono to);
/* What other runs did: out now, and answered at the given times, none more than 10 s from now
 * (cleared and added again at each lease). */
void limiter_clear_others(struct limiter *l, uint32_t out);
void limiter_add_others(struct limiter *l, struct mono answered, uint32_t count);

/* Requests a minute at the present pace, for the display. */
double limiter_rate_per_minute(const struct limiter *l);
/* Requests a minute that can be counted on: the present rate without what other runs take; while
 * it is lowered no more than got through in a minute since the last 429, as it may have to fall
 * further. Not for a limiter without limit. */
double limiter_counted_on_per_minute(struct limiter *l, struct mono now);

#endif
