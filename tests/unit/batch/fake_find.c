/* See fake_find.h. */
#include "fake_find.h"

#include "record.h"

#include <stdlib.h>

struct find *fake_find;

struct find *find_new(struct run_context *c, const struct find_neighbours *with)
{
    (void)c, (void)with;
    struct find *f = xcalloc(1, sizeof *f);
    f->next = MONO_NEVER;
    return fake_find = f;
}

void find_free(struct find *f)
{
    free(f);
    fake_find = NULL;
}

void find_start(struct find *f)
{
    (void)f;
    record("start_find");
}

void find_stop(struct find *f)
{
    (void)f;
    record("stop_find");
}

void find_turn(struct find *f, struct mono now)
{
    (void)f, (void)now;
    record("turn_find");
}

struct mono find_next(const struct find *f, struct mono now)
{
    (void)now;
    return f->next;
}

bool find_busy(const struct find *f)
{
    return f->busy;
}

bool find_has_patience(const struct find *f)
{
    (void)f;
    return false;
}

bool find_waits(const struct find *f)
{
    (void)f;
    return false;
}

void find_save(struct find *f)
{
    (void)f;
    record("save_find");
}

bool find_is_walking(const struct find *f)
{
    return f->walking;
}

void find_take_again(struct find *f, struct intake_entry *entries, size_t count)
{
    (void)f, (void)entries;
    record("take_again %zu", count);
}

void find_changed(struct find *f, const struct ledger_source *source, int64_t root_id)
{
    (void)f;
    record("find_changed file=%lld root=%lld", (long long)source->file_id, (long long)root_id);
}
