/* The limits of a run: two limiters, the lease that makes them hold across crashes and beside other
 * runs, and the count of what really went out. A lease is durable before the first request under
 * it, and taken at most once a second. */
#include "base/log.h"
#include "batch/state.h"

#include <string.h>

/* Enough for a window's worth at once at the default of uploads. */
enum { LEASE_PER_UPLOAD = 16 };

int pacing_open(struct batch *b, struct error *e)
{
    const struct batch_options *o = b->options;
    struct mono now = clock_mono(b->clock);
    char boot_id[40];
    limiter_init(&b->post, o->post_per_minute, o->pace, now);
    limiter_init(&b->get, o->get_per_minute, o->pace, now);
    b->leased_at = (struct mono){now.ms - LIMIT_LEASE_MS};
    if (!o->post_per_minute && !o->get_per_minute)
        return 0;
    clock_boot_id(boot_id);
    int rc =
        limit_state_open(&b->limits, o->limit_state, o->origin, o->api.api_key, boot_id, now, e);
    if (rc < 0)
        return error_wrap(e, "the limiter's memory (limits.state)");
    /* Nothing goes out without a lease from here on. */
    limiter_lease(&b->post, 0, now);
    limiter_lease(&b->get, 0, now);
    return 0;
}

void pacing_close(struct batch *b)
{
    if (b->limits)
        limit_state_close(b->limits, clock_mono(b->clock), &b->post, &b->get);
    b->limits = NULL;
}

/* What could go out within the second: uploads end and begin again, GETs fall due. */
static uint32_t wanted_posts(const struct batch *b)
{
    bool nothing_to_send = b->stopping || (b->queue_empty && list_empty(&b->ready));
    return nothing_to_send ? 0 : (uint32_t)(b->options->uploads * LEASE_PER_UPLOAD);
}

/* A job whose next poll is farther away needs none yet. */
static bool may_ask_soon(const struct batch *b, struct mono now)
{
    return !list_empty(&b->polls) || !list_empty(&b->fetches) || b->asks_out > 0 ||
           b->uploads_out > 0 || deliveries_wants_check(b) ||
           mono_diff(timer_queue_next(&b->timers), now) <= LIMIT_LEASE_MS;
}

static uint32_t wanted_gets(const struct batch *b, struct mono now)
{
    size_t jobs = flights_with_jobs(b);
    bool none = jobs == 0 || b->stop_now || !may_ask_soon(b, now);
    return none ? 0 : (uint32_t)jobs * 2 + (uint32_t)ASKS_AT_ONCE;
}

static bool renew_lease(struct batch *b, struct mono now)
{
    struct error e;
    if (!b->limits || mono_diff(now, b->leased_at) < LIMIT_LEASE_MS)
        return false;
    uint32_t posts = wanted_posts(b), gets = wanted_gets(b, now);
    b->leased_at = now;
    int rc = limit_state_lease(b->limits, now, posts, gets, &b->post, &b->get, &e);
    b->lease_held = b->post.leased || b->get.leased || b->post.out || b->get.out;
    if (rc == 0)
        return true;
    b->limits_lost = true;
    batch_end_early(b, EXIT_RESUMABLE,
                    "the limiter's memory can't be written (%s): make room or repair limits.state, "
                    "then run the "
                    "same command again",
                    e.text);
    return false;
}

static struct mono next_of(struct batch *b, struct limiter *l, struct mono now)
{
    if (limiter_needs_lease(l, now) && !renew_lease(b, now))
        return mono_max(mono_add(b->leased_at, LIMIT_LEASE_MS), mono_add(now, 1));
    if (limiter_needs_lease(l, now)) /* others have it all */
        return mono_add(now, LIMIT_LEASE_MS);
    return limiter_next(l, now);
}

/* While a lease is held or requests are out, others count them in full until they hear more. */
void pacing_turn(struct batch *b, struct mono now)
{
    if (b->lease_held)
        renew_lease(b, now);
}

struct mono pacing_wake(const struct batch *b)
{
    return b->lease_held ? mono_add(b->leased_at, LIMIT_LEASE_MS) : MONO_NEVER;
}

struct mono pacing_next_post(struct batch *b, struct mono now)
{
    return next_of(b, &b->post, now);
}

struct mono pacing_next_get(struct batch *b, struct mono now)
{
    return next_of(b, &b->get, now);
}

void pacing_answered(struct batch *b, struct limiter *l, const struct mindee_response *r)
{
    struct mono now = clock_mono(b->clock);
    if (!r->on_wire) {
        limiter_untaken(l, now);
        return;
    }
    if (r->status)
        limiter_done(l, now);
    else
        limiter_lost(l, now);
    if (l == &b->post)
        b->new_post++;
    else
        b->new_get++;
    if (r->status == 429) {
        b->new_429++;
        limiter_refused(l, now, r->retry_after_ms);
        LOG(LOG_WARNING, "limit.refused", LOG_STR("kind", l == &b->post ? "post" : "get"),
            LOG_INT("rate_per_minute", (int64_t)limiter_rate_per_minute(l)),
            LOG_MS("retry_after", r->retry_after_ms));
    }
}
