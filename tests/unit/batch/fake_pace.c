/* See fake_pace.h. */
#include "fake_pace.h"

#include "record.h"

#include <limits.h>
#include <stdlib.h>

struct pace *fake_pace;
const char *fake_pace_open_fails;

static const char *const kinds[] = {"post", "get"};

struct pace *pace_new(struct run_context *c, struct ending *ending)
{
    struct pace *p = xcalloc(1, sizeof *p);
    *p = (struct pace){.context = c,
                       .ending = ending,
                       .may_go = {INT_MAX, INT_MAX},
                       .later = {MONO_NEVER, MONO_NEVER},
                       .room = {UINT32_MAX, UINT32_MAX},
                       .service_next = MONO_NEVER,
                       .next = MONO_NEVER,
                       .next_place = MONO_NEVER,
                       .job_capacity = 1000,
                       .room_within = UINT32_MAX};
    return fake_pace = p;
}

int pace_open(struct pace *p, struct error *e)
{
    (void)p;
    record("open_pace");
    return fake_pace_open_fails ? error_set(e, ERR_IO, "%s", fake_pace_open_fails) : 0;
}

void pace_close(struct pace *p)
{
    (void)p;
    record("close_pace");
}

void pace_free(struct pace *p)
{
    free(p);
    fake_pace = NULL;
}

void pace_want(struct pace *p, uint32_t posts, uint32_t gets)
{
    (void)p;
    record("want posts=%u gets=%u", posts, gets);
}

void pace_turn(struct pace *p, struct mono now)
{
    (void)p, (void)now;
    record("turn_pace");
}

struct mono pace_next(const struct pace *p, struct mono now)
{
    (void)now;
    return p->next;
}

struct mono pace_next_request(struct pace *p, enum pace_kind kind, struct mono now)
{
    return p->may_go[kind] > 0 ? now : p->later[kind];
}

void pace_take(struct pace *p, enum pace_kind kind, struct mono now)
{
    (void)now;
    REQUIRE(p->may_go[kind] > 0);
    record("take %s", kinds[kind]);
    p->may_go[kind]--;
}

void pace_untake(struct pace *p, enum pace_kind kind, struct mono now)
{
    (void)now;
    record("untake %s", kinds[kind]);
    p->may_go[kind] += p->may_go[kind] < INT_MAX;
}

void pace_answered(struct pace *p, enum pace_kind kind, const struct mindee_response *r)
{
    (void)p;
    record("answered %s %d", kinds[kind], r->status);
}

struct silence *pace_silence(struct pace *p)
{
    return &p->silence;
}

bool pace_service_up(const struct pace *p, struct mono now)
{
    (void)now;
    return !p->service_waits;
}

bool pace_service_down(const struct pace *p)
{
    return p->service_down || p->service_waits;
}

struct mono pace_service_next(const struct pace *p, struct mono now)
{
    return p->service_waits ? p->service_next : now;
}

void pace_sign(struct pace *p, enum breaker_sign sign, const char *cause, const char *detail)
{
    static const char *const signs[] = {"none", "up", "limited", "busy", "down", "refuses"};
    (void)p, (void)cause, (void)detail;
    record("sign %s", signs[sign]);
}

bool pace_lost(const struct pace *p)
{
    return p->lost;
}

double pace_rate_per_minute(const struct pace *p, enum pace_kind kind)
{
    return p->rate[kind];
}

bool pace_is_limited(const struct pace *p, enum pace_kind kind)
{
    return p->limited[kind];
}

uint32_t pace_room(struct pace *p, enum pace_kind kind, struct mono now)
{
    (void)now;
    return p->room[kind];
}

uint32_t pace_get_room_within(struct pace *p, struct mono now, int64_t horizon_ms)
{
    (void)now;
    p->horizon_ms = horizon_ms;
    return p->room_within;
}

struct mono pace_next_post_place(struct pace *p, struct mono now)
{
    (void)now;
    return p->next_place;
}

size_t pace_job_capacity(struct pace *p, struct mono now)
{
    (void)now;
    return p->job_capacity;
}

bool pace_counts(struct pace *p, int64_t *post, int64_t *get, int64_t *http_429)
{
    *post = p->post;
    *get = p->get;
    *http_429 = p->http_429;
    p->post = p->get = p->http_429 = 0;
    return *post || *get || *http_429;
}
