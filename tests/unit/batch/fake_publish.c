/* See fake_publish.h. */
#include "fake_publish.h"

#include "record.h"

#include <stdlib.h>

struct publish *fake_publish;

struct publish *publish_new(struct run_context *c, struct ending *ending, struct journal *journal)
{
    (void)c, (void)ending, (void)journal;
    return fake_publish = xcalloc(1, sizeof *fake_publish);
}

void publish_free(struct publish *p)
{
    free(p);
    fake_publish = NULL;
}

void publish_result(struct publish *p, struct flight *f)
{
    (void)p;
    record("publish doc=%lld", (long long)f->id);
    free(f->payload);
    f->payload = NULL;
}

void publish_look(struct publish *p)
{
    (void)p;
    record("publish_look");
}

void publish_start(struct publish *p)
{
    (void)p;
    record("publish_start");
}

void publish_save(struct publish *p)
{
    (void)p;
    record("publish_save");
}

void publish_turn(struct publish *p, struct mono now)
{
    (void)p, (void)now;
    record("turn_publish");
}

bool publish_busy(const struct publish *p)
{
    return p->busy;
}

bool publish_has_room(const struct publish *p)
{
    return !p->full;
}

size_t publish_errors(const struct publish *p)
{
    return p->errors;
}

struct mono publish_next(const struct publish *p, struct mono now)
{
    return p->due ? now : MONO_NEVER;
}
