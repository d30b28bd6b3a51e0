/* See quiet_files.h. Two tables, of the last round and of this one: a file met again goes over from
 * one to the other, and what stays behind (deleted, renamed, taken) goes when the round ends, so
 * that nothing is ever deleted from a table.
 *
 * Two files whose paths have the same hash count as one that changes: neither is taken before one
 * of them is gone. That is one chance in 2^64 for each pair. */
#include "intake/quiet_files.h"

#include "base/hash.h"

#include <string.h>

static const void *path_of(const void *entry)
{
    const struct quiet_file *f = entry;
    return f->path ? &f->path : NULL;
}

static uint64_t hash_of(const void *path)
{
    return *(const uint64_t *)path;
}

static bool same(const void *path, const void *other)
{
    return *(const uint64_t *)path == *(const uint64_t *)other;
}

static const struct hash_set_kind files = {sizeof(struct quiet_file), path_of, hash_of, same};

void quiet_files_init(struct quiet_files *q, uint64_t seed, int64_t quiet_ms)
{
    *q = (struct quiet_files){.seed = seed, .quiet_ms = quiet_ms, .oldest_ms = MONO_NEVER.ms};
}

void quiet_files_release(struct quiet_files *q)
{
    hash_set_release(&q->before);
    hash_set_release(&q->now);
}

static void remember(struct quiet_files *q, const struct quiet_file *f)
{
    if (q->now.count >= QUIET_FILES_MOST)
        return;
    struct quiet_file *entry = hash_set_put(&q->now, &files, &f->path);
    if (!entry)
        return; /* as if the bound were reached */
    *entry = *f;
    if (f->since_ms < q->oldest_ms)
        q->oldest_ms = f->since_ms;
}

void quiet_files_begin(struct quiet_files *q)
{
    hash_set_release(&q->before);
    q->before = q->now;
    q->now = (struct hash_set){0};
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
    const struct quiet_file *seen = hash_set_find(&q->before, &files, &f.path);
    if (seen && seen->stamp == f.stamp)
        f.since_ms = seen->since_ms;
    if (q->quiet_ms == 0 || from.ms - f.since_ms >= q->quiet_ms)
        return true;
    remember(q, &f);
    return false;
}

void quiet_files_end(struct quiet_files *q)
{
    hash_set_release(&q->before);
}

size_t quiet_files_count(const struct quiet_files *q)
{
    return q->now.count;
}

struct mono quiet_files_due(const struct quiet_files *q)
{
    return mono_add((struct mono){q->oldest_ms}, q->quiet_ms);
}
