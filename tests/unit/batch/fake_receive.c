/* See fake_receive.h. */
#include "fake_receive.h"

#include "record.h"

#include <stdlib.h>

struct receive *fake_receive;
const char *fake_receive_open_fails;

struct receive *receive_new(struct run_context *c, const struct upload_neighbours *with,
                            struct upload *upload)
{
    (void)c, (void)with, (void)upload;
    struct receive *r = xcalloc(1, sizeof *r);
    r->next = MONO_NEVER;
    return fake_receive = r;
}

void receive_free(struct receive *r)
{
    free(r);
    fake_receive = NULL;
}

int receive_open(struct receive *r, struct error *e)
{
    (void)r;
    record("open_receive");
    return fake_receive_open_fails ? error_set(e, ERR_USAGE, "%s", fake_receive_open_fails) : 0;
}

void receive_start(struct receive *r)
{
    (void)r;
    record("start_receive");
}

const char *receive_certificate(const struct receive *r, struct wall *ends)
{
    (void)r, (void)ends;
    return NULL;
}

void receive_close(struct receive *r, void (*closed)(void *ctx), void *ctx)
{
    record("close_receive");
    r->closed = closed;
    r->closed_ctx = ctx;
    if (!r->closes_later)
        fake_receive_closed();
}

void fake_receive_closed(void)
{
    if (fake_receive->closed)
        fake_receive->closed(fake_receive->closed_ctx);
}

bool receive_holds(const struct receive *r)
{
    return r->holds;
}

void receive_seal(struct receive *r)
{
    (void)r;
}

void receive_reply(struct receive *r, bool durable)
{
    r->holds = false;
    record("reply %s", durable ? "durable" : "lost");
}

void receive_adopt(struct receive *r, struct flight *f)
{
    (void)r;
    record("adopt doc=%lld", (long long)f->id);
}

bool receive_expects(const struct receive *r)
{
    return r->expects;
}

int64_t receive_fallback_ms(const struct receive *r)
{
    return r->fallback_ms;
}

void receive_missed(struct receive *r, const struct mindee_job *job)
{
    (void)r;
    record("missed %s", job->id);
}

bool receive_busy(const struct receive *r)
{
    return r->busy;
}

struct mono receive_next(const struct receive *r, struct mono now)
{
    (void)now;
    return r->next;
}
