/* See pace.h. */
#include "batch/pace.h"

#include "base/log.h"
#include "batch/exit_code.h"
#include "batch/refusals.h"
#include "core/breaker.h"
#include "core/job_capacity.h"
#include "core/limiter.h"
#include "limits/limit_state.h"

#include <stdlib.h>

struct pace {
    struct run_context *context;
    struct ending *ending;
    struct limiter limiters[2]; /* by pace_kind, and so are: */
    struct refusals refusals[2];
    struct limit_state *state; /* NULL: nothing is limited, or closed */
    struct mono leased_at;
    bool lease_held, lost;
    uint32_t wanted[2];
    struct breaker breaker;
    struct silence silence;
    int64_t sent[2], http_429; /* not taken by pace_counts yet */
};

struct pace *pace_new(struct run_context *c, struct ending *ending)
{
    struct pace *p = xcalloc(1, sizeof *p);
    const struct batch_options *o = c->options;
    struct mono now = clock_mono(c->clock);
    p->context = c;
    p->ending = ending;
    limiter_init(&p->limiters[PACE_POST], o->post_per_minute, o->pace, now);
    limiter_init(&p->limiters[PACE_GET], o->get_per_minute, o->pace, now);
    refusals_init(&p->refusals[PACE_POST], "post", "uploads");
    refusals_init(&p->refusals[PACE_GET], "get", "questions about results");
    p->leased_at = (struct mono){now.ms - LIMIT_LEASE_MS};
    breaker_init(&p->breaker);
    return p;
}

int pace_open(struct pace *p, struct error *e)
{
    const struct batch_options *o = p->context->options;
    struct mono now = clock_mono(p->context->clock);
    char boot_id[40];
    if (!o->post_per_minute && !o->get_per_minute)
        return 0;
    clock_boot_id(boot_id);
    int rc = limit_state_open(&p->state, o->limit_state, o->origin, batch_limit_owner(o), boot_id,
                              now, e);
    if (rc < 0)
        return error_wrap(e, "what was sent lately (limits.state)");
    /* Nothing goes out without a lease from here on. */
    limiter_lease(&p->limiters[PACE_POST], 0, now);
    limiter_lease(&p->limiters[PACE_GET], 0, now);
    return 0;
}

void pace_close(struct pace *p)
{
    refusals_say(&p->refusals[PACE_POST], MONO_NEVER);
    refusals_say(&p->refusals[PACE_GET], MONO_NEVER);
    if (p->state)
        limit_state_close(p->state, clock_mono(p->context->clock), &p->limiters[PACE_POST],
                          &p->limiters[PACE_GET]);
    p->state = NULL;
}

void pace_free(struct pace *p)
{
    if (p)
        pace_close(p);
    free(p);
}

/* --- the lease --- */

void pace_want(struct pace *p, uint32_t posts, uint32_t gets)
{
    p->wanted[PACE_POST] = posts;
    p->wanted[PACE_GET] = gets;
}

static bool renew_lease(struct pace *p, struct mono now)
{
    struct limiter *post = &p->limiters[PACE_POST], *get = &p->limiters[PACE_GET];
    struct error e;
    if (!p->state || mono_diff(now, p->leased_at) < LIMIT_LEASE_MS)
        return false;
    p->leased_at = now;
    int rc =
        limit_state_lease(p->state, now, p->wanted[PACE_POST], p->wanted[PACE_GET], post, get, &e);
    p->lease_held = post->leased || get->leased || post->out || get->out;
    if (rc == 0)
        return true;
    p->lost = true;
    ending_early(p->ending, EXIT_RESUMABLE,
                 "what is sent can't be noted (%s): make room or repair limits.state, "
                 "then run the same command again",
                 e.text);
    return false;
}

/* While a lease is held or requests are out, other runs count them in full until they hear more. */
void pace_turn(struct pace *p, struct mono now)
{
    if (p->lease_held)
        renew_lease(p, now);
    refusals_say(&p->refusals[PACE_POST], now);
    refusals_say(&p->refusals[PACE_GET], now);
}

struct mono pace_next(const struct pace *p, struct mono now)
{
    struct mono said = mono_min(p->refusals[PACE_POST].due, p->refusals[PACE_GET].due);
    (void)now;
    return p->lease_held ? mono_min(said, mono_add(p->leased_at, LIMIT_LEASE_MS)) : said;
}

struct mono pace_next_request(struct pace *p, enum pace_kind kind, struct mono now)
{
    struct limiter *l = &p->limiters[kind];
    if (limiter_needs_lease(l, now) && !renew_lease(p, now))
        return mono_max(mono_add(p->leased_at, LIMIT_LEASE_MS), mono_add(now, 1));
    if (limiter_needs_lease(l, now)) /* others have it all */
        return mono_add(now, LIMIT_LEASE_MS);
    return limiter_next(l, now);
}

bool pace_lost(const struct pace *p)
{
    return p->lost;
}

/* --- requests --- */

void pace_take(struct pace *p, enum pace_kind kind, struct mono now)
{
    limiter_take(&p->limiters[kind], now);
    breaker_sent(&p->breaker);
    silence_asked(&p->silence, loop_awake(p->context->loop));
}

void pace_untake(struct pace *p, enum pace_kind kind, struct mono now)
{
    limiter_untaken(&p->limiters[kind], now);
    silence_unasked(&p->silence);
    breaker_sign(&p->breaker, SIGN_NONE, now, 0, 0, 0);
}

/* A proxy that refuses (407) stands between: Mindee wasn't heard. What failed for a reason of ours
 * before anything went out asked nobody. */
static void listen(struct pace *p, const struct mindee_response *r)
{
    enum { PROXY_REFUSES = 407 };
    bool ours = r->fault == MINDEE_CANCELLED || r->fault == MINDEE_FOREIGN_URL ||
                r->fault == MINDEE_SOURCE_AWAY || r->fault == MINDEE_SOURCE_CHANGED ||
                r->fault == MINDEE_SOURCE_ERROR;
    if (ours && !r->on_wire)
        silence_unasked(&p->silence);
    else
        silence_ended(&p->silence, loop_awake(p->context->loop),
                      r->status != 0 && r->status != PROXY_REFUSES);
}

struct silence *pace_silence(struct pace *p)
{
    return &p->silence;
}

void pace_answered(struct pace *p, enum pace_kind kind, const struct mindee_response *r)
{
    listen(p, r);
    struct limiter *l = &p->limiters[kind];
    struct mono now = clock_mono(p->context->clock);
    if (!r->on_wire) {
        limiter_untaken(l, now);
        return;
    }
    if (r->status)
        limiter_done(l, now);
    else
        limiter_lost(l, now);
    p->sent[kind]++;
    if (r->status == 429) {
        p->http_429++;
        limiter_refused(l, now, r->retry_after_ms);
        int64_t rate = (int64_t)limiter_rate_per_minute(l);
        refusals_heard(&p->refusals[kind], now, r->retry_after_ms, rate ? rate : -1);
    }
}

bool pace_counts(struct pace *p, int64_t *post, int64_t *get, int64_t *http_429)
{
    *post = p->sent[PACE_POST];
    *get = p->sent[PACE_GET];
    *http_429 = p->http_429;
    p->sent[PACE_POST] = p->sent[PACE_GET] = p->http_429 = 0;
    return *post || *get || *http_429;
}

/* --- the breaker --- */

bool pace_service_up(const struct pace *p, struct mono now)
{
    return breaker_allows(&p->breaker, now);
}

bool pace_service_down(const struct pace *p)
{
    return p->breaker.down;
}

struct mono pace_service_next(const struct pace *p, struct mono now)
{
    return breaker_next(&p->breaker, now);
}

void pace_sign(struct pace *p, enum breaker_sign sign, const char *cause, const char *detail)
{
    const struct doc_policy *retry = &p->context->options->retry;
    if (breaker_sign(&p->breaker, sign, clock_mono(p->context->clock), retry->first_delay_ms,
                     retry->max_delay_ms, random_unit(&p->context->random)))
        LOG(LOG_WARNING, p->breaker.down ? "service.down" : "service.up",
            detail && *detail ? LOG_CODE("cause", cause) : LOG_STR("cause", cause),
            LOG_STR("detail", detail));
}

/* --- what there is room for --- */

double pace_rate_per_minute(const struct pace *p, enum pace_kind kind)
{
    return limiter_rate_per_minute(&p->limiters[kind]);
}

void pace_measure(struct pace *p, enum pace_kind kind, struct pace_measure *out)
{
    struct limiter *l = &p->limiters[kind];
    uint64_t used = limiter_taken(l, clock_mono(p->context->clock));
    *out = (struct pace_measure){.limit = l->limit, .used = (int64_t)used, .rate = l->rate};
}

bool pace_is_limited(const struct pace *p, enum pace_kind kind)
{
    return p->limiters[kind].limit != 0;
}

uint32_t pace_room(struct pace *p, enum pace_kind kind, struct mono now)
{
    return limiter_room(&p->limiters[kind], now);
}

uint32_t pace_get_room_within(struct pace *p, struct mono now, int64_t horizon_ms)
{
    return limiter_room_within(&p->limiters[PACE_GET], now, horizon_ms);
}

struct mono pace_next_post_place(struct pace *p, struct mono now)
{
    return limiter_next(&p->limiters[PACE_POST], now);
}

size_t pace_job_capacity(struct pace *p, struct mono now)
{
    return job_capacity_max(&p->limiters[PACE_GET], now);
}
