/* See quiet_files.h. Two tables, of the last round and of this one: a file met again goes over from
 * one to the other, and what stays behind (deleted, renamed, taken) goes when the round ends, so
 * that nothing is ever deleted from a table.
 *
 * Two files whose paths have the same hash count as one that changes: neither is taken before one
 * of them is gone. That is one chance in 2^64 for each pair. */
#include "intake/quiet_files.h"

#include "base/hash.h"
#include "base/require.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

void quiet_files_init(struct quiet_files *q, uint64_t seed, int64_t quiet_ms)
{
    *q = (struct quiet_files){.seed = seed, .quiet_ms = quiet_ms, .oldest_ms = MONO_NEVER.ms};
}

static void table_release(struct quiet_table *t)
{
    free(t->slots);
    *t = (struct quiet_table){0};
}

void quiet_files_release(struct quiet_files *q)
{
    table_release(&q->before);
    table_release(&q->now);
}

/* The slot of PATH, or the empty one where it would be. */
static struct quiet_file *slot_of(const struct quiet_table *t, uint64_t path)
{
    size_t at = (size_t)path & (t->capacity - 1);
    while (t->slots[at].path && t->slots[at].path != path)
        at = (at + 1) & (t->capacity - 1);
    return &t->slots[at];
}

static void grow(struct quiet_table *t)
{
    struct quiet_table larger = {.capacity = t->capacity ? 2 * t->capacity : FIRST_CAPACITY};
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return; /* as if the bound were reached */
    for (size_t i = 0; i < t->capacity; i++)
        if (t->slots[i].path)
            *slot_of(&larger, t->slots[i].path) = t->slots[i];
    larger.count = t->count;
    table_release(t);
    *t = larger;
}

static void remember(struct quiet_files *q, const struct quiet_file *f)
{
    struct quiet_table *t = &q->now;
    if (t->count >= QUIET_FILES_MOST)
        return;
    if (2 * t->count >= t->capacity)
        grow(t);
    if (2 * t->count >= t->capacity)
        return;
    struct quiet_file *slot = slot_of(t, f->path);
    t->count += slot->path == 0;
    *slot = *f;
    if (f->since_ms < q->oldest_ms)
        q->oldest_ms = f->since_ms;
}

void quiet_files_begin(struct quiet_files *q)
{
    table_release(&q->before);
    q->before = q->now;
    q->now = (struct quiet_table){0};
    q->oldest_ms = MONO_NEVER.ms;
}

bool quiet_files_look(struct quiet_files *q, const char *path, const struct file_stamp *stamp,
                      struct mono from, struct mono by)
{
    const uint64_t fields[] = {(uint64_t)stamp->size_bytes, (uint64_t)stamp->mtime_ns,
                               (uint64_t)stamp->ctime_ns, stamp->inode};
    struct quiet_file f = {.path = hash_bytes(q->seed, path, strlen(path)),
                           .stamp = hash_words(q->seed, fields, sizeof fields / sizeof *fields),
                           .since_ms = by.ms};
    f.path += f.path == 0;
    const struct quiet_file *seen = q->before.capacity ? slot_of(&q->before, f.path) : NULL;
    if (seen && seen->path && seen->stamp == f.stamp)
        f.since_ms = seen->since_ms;
    if (q->quiet_ms == 0 || from.ms - f.since_ms >= q->quiet_ms)
        return true;
    remember(q, &f);
    return false;
}

void quiet_files_end(struct quiet_files *q)
{
    table_release(&q->before);
}

size_t quiet_files_count(const struct quiet_files *q)
{
    return q->now.count;
}

struct mono quiet_files_due(const struct quiet_files *q)
{
    return mono_add((struct mono){q->oldest_ms}, q->quiet_ms);
}
