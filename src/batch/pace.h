/* pace.h - when a request may leave: two limiters (POSTs and GETs), the lease that makes them hold
 * across crashes and beside other runs, and the circuit breaker. It also counts what really went
 * out.
 *
 *   pace_want(p, posts, gets);                  once a turn: what could go out within a second
 *   pace_turn(p, now);
 *   if (mono_reached(now, pace_next_request(p, PACE_POST, now)) && pace_service_up(p, now))
 *       pace_take(p, PACE_POST, now);           a request leaves
 *   pace_answered(p, PACE_POST, response);      what came of it, once; or pace_untake: it never
 *                                               left
 *
 * A lease is durable before the first request under it, and taken at most once a second. */
#ifndef MB_BATCH_PACE_H
#define MB_BATCH_PACE_H

#include "batch/ending.h"
#include "core/outcome.h"
#include "core/silence.h"

struct pace;
enum pace_kind { PACE_POST, PACE_GET };

struct pace *pace_new(struct run_context *c, struct ending *ending);
/* Opens the limiter's memory. Until then, and where nothing is limited, nothing needs a lease. */
MUST_CHECK int pace_open(struct pace *p, struct error *e);
void pace_close(struct pace *p); /* writes down what is counted, and gives the lease back */
void pace_free(struct pace *p);

void pace_want(struct pace *p, uint32_t posts, uint32_t gets);
void pace_turn(struct pace *p, struct mono now);
struct mono pace_next(const struct pace *p, struct mono now);

/* When the next may leave as far as the limit is concerned; renews the lease where that helps. */
struct mono pace_next_request(struct pace *p, enum pace_kind kind, struct mono now);
void pace_take(struct pace *p, enum pace_kind kind, struct mono now);
void pace_untake(struct pace *p, enum pace_kind kind, struct mono now);
void pace_answered(struct pace *p, enum pace_kind kind, const struct mindee_response *r);

/* How long nothing was heard; its times are of loop_awake. */
struct silence *pace_silence(struct pace *p);

/* The breaker. A request that may go while the service is down is its probe. */
bool pace_service_up(const struct pace *p, struct mono now);
bool pace_service_down(const struct pace *p);
struct mono pace_service_next(const struct pace *p, struct mono now);
/* What an answer says of the service. Logs a change. */
void pace_sign(struct pace *p, enum breaker_sign sign, const char *cause, const char *detail);

bool pace_lost(const struct pace *p); /* the limiter's memory can't be written: no more leases */
double pace_rate_per_minute(const struct pace *p, enum pace_kind kind);
/* For whoever measures. */
struct pace_measure {
    uint32_t limit; /* a minute; 0: none */
    int64_t used;   /* of it in this window, by all runs that share it */
    double rate;    /* share of it that we allow ourselves, (0, 1] */
};
void pace_measure(struct pace *p, enum pace_kind kind, struct pace_measure *out);
bool pace_is_limited(const struct pace *p, enum pace_kind kind);
uint32_t pace_room(struct pace *p, enum pace_kind kind, struct mono now); /* of this window */
uint32_t pace_get_room_within(struct pace *p, struct mono now, int64_t horizon_ms);
/* When the window has its next place for a POST, whatever the lease says: for estimates. */
struct mono pace_next_post_place(struct pace *p, struct mono now);
/* How many jobs may be in flight so that each result is fetched before it expires. */
size_t pace_job_capacity(struct pace *p, struct mono now);

/* What went out since the last call, for the ledger. False: nothing. */
bool pace_counts(struct pace *p, int64_t *post, int64_t *get, int64_t *http_429);

#endif
