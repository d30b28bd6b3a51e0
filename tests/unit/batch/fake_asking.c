/* See fake_asking.h. */
#include "fake_asking.h"

#include "fake_pace.h"
#include "record.h"

#include <stdlib.h>

struct poll *fake_poll;
struct fetch *fake_fetch;
struct endpoint_check *fake_check;

/* --- poll.h --- */

struct poll *poll_new(struct run_context *c, const struct upload_neighbours *with,
                      struct receive *receive)
{
    (void)c, (void)with, (void)receive;
    struct poll *p = xcalloc(1, sizeof *p);
    p->planned = MONO_NEVER;
    return fake_poll = p;
}

void poll_free(struct poll *p)
{
    free(p);
    fake_poll = NULL;
}

struct mono poll_plan(struct poll *p, struct flight *f, struct mono now, int64_t wait_ms, bool last)
{
    (void)now;
    record("plan_poll doc=%lld wait=%lld%s", (long long)f->id, (long long)wait_ms,
           last ? " last" : "");
    return p->planned;
}

struct mono poll_replan(struct poll *p, struct flight *f, struct mono now, bool last)
{
    struct mono at = mono_max(now, p->put_off);
    if (at.ms > now.ms)
        record("put_off_poll doc=%lld%s", (long long)f->id, last ? " last" : "");
    return at;
}

void poll_due(struct poll *p, struct flight *f)
{
    record("due_poll doc=%lld", (long long)f->id);
    list_remove(&f->line);
    p->waits++;
}

bool poll_waits(const struct poll *p)
{
    return p->waits > 0;
}

void poll_send(struct poll *p, struct mono now)
{
    (void)now;
    REQUIRE(p->waits > 0 && fake_pace->may_go[PACE_GET] > 0);
    fake_pace->may_go[PACE_GET]--;
    record("send_poll");
    p->waits--;
    p->out++;
}

int poll_out(const struct poll *p)
{
    return p->out;
}

bool poll_busy(const struct poll *p)
{
    return p->busy;
}

/* --- fetch.h --- */

struct fetch *fetch_new(struct run_context *c, const struct upload_neighbours *with)
{
    (void)c, (void)with;
    return fake_fetch = xcalloc(1, sizeof *fake_fetch);
}

void fetch_free(struct fetch *t)
{
    free(t);
    fake_fetch = NULL;
}

void fetch_due(struct fetch *t, struct flight *f, bool first)
{
    record("due_fetch doc=%lld%s", (long long)f->id, first ? " first" : "");
    list_remove(&f->line);
    t->waits++;
}

bool fetch_waits(const struct fetch *t)
{
    return t->waits > 0;
}

void fetch_send(struct fetch *t, struct mono now)
{
    (void)now;
    REQUIRE(t->waits > 0 && fake_pace->may_go[PACE_GET] > 0);
    fake_pace->may_go[PACE_GET]--;
    record("send_fetch");
    t->waits--;
    t->out++;
}

int fetch_out(const struct fetch *t)
{
    return t->out;
}

bool fetch_busy(const struct fetch *t)
{
    return t->busy;
}

/* --- endpoint_check.h --- */

struct endpoint_check *endpoint_check_new(struct run_context *c, struct ending *ending,
                                          struct pace *pace)
{
    (void)c, (void)ending, (void)pace;
    return fake_check = xcalloc(1, sizeof *fake_check);
}

void endpoint_check_free(struct endpoint_check *k)
{
    free(k);
    fake_check = NULL;
}

bool endpoint_check_is_due(const struct endpoint_check *k)
{
    return k->due;
}

void endpoint_check_send(struct endpoint_check *k, struct mono now)
{
    (void)now;
    REQUIRE(fake_pace->may_go[PACE_GET] > 0);
    fake_pace->may_go[PACE_GET]--;
    record("send_check");
    k->due = false;
    k->out++;
}

int endpoint_check_out(const struct endpoint_check *k)
{
    return k->out;
}
