/* See fake_rest.h. */
#include "fake_rest.h"

#include "record.h"

#include <stdlib.h>

struct rest *fake_rest;

struct rest *rest_new(struct run_context *c)
{
    (void)c;
    record("rest_new");
    fake_rest = xcalloc(1, sizeof *fake_rest);
    *fake_rest = (struct rest){.lets = true, .next = MONO_NEVER};
    return fake_rest;
}

void rest_close(struct rest *r)
{
    record("rest_close");
    free(r);
    fake_rest = NULL;
}

bool rest_turn(struct rest *r, struct mono now, bool busy)
{
    (void)now;
    bool due = r->due;
    record("rest_turn busy=%d", busy);
    r->due = false;
    return due;
}

struct mono rest_next(const struct rest *r, bool busy)
{
    return busy ? MONO_NEVER : r->next;
}

void rest_walk_begins(struct rest *r)
{
    (void)r;
    record("rest_begins");
}

void rest_walk_ended(struct rest *r)
{
    (void)r;
    record("rest_ended");
}

bool rest_passes(struct rest *r, const struct intake_entry *entry, const struct walk_times *walk)
{
    (void)entry;
    r->walk = *walk;
    return r->passes;
}

bool rest_lets(struct rest *r, const struct intake_entry *entry, const struct walk_times *walk)
{
    (void)entry;
    r->walk = *walk;
    return r->lets;
}

void rest_settled(struct rest *r, const char *path, const struct file_stamp *stamp, int error)
{
    (void)r;
    record("rest_settled %s size=%lld error=%d", path, (long long)stamp->size_bytes, error);
}

void rest_doubts(struct rest *r)
{
    (void)r;
    record("rest_doubts");
}

void rest_trouble(struct rest *r)
{
    (void)r;
    record("trouble");
}
