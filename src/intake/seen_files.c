/* See seen_files.h. Four neighbouring slots may hold a file; when all are taken a newcomer pushes
 * out one of them. 64 bits of hash stand for a file: that one is taken for another happens once in
 * 2^64 / 4 look-ups, and only until the cache is cleared. */
#include "intake/seen_files.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1 << 18, WAYS = 4 };

void seen_files_init(struct seen_files *s, uint64_t seed)
{
    *s = (struct seen_files){.seed = seed};
}

void seen_files_clear(struct seen_files *s)
{
    free(s->slots);
    s->slots = NULL;
}

static uint64_t hash_of(const struct seen_files *s, const char *path,
                        const struct file_stamp *stamp, int error)
{
    const uint64_t fields[] = {hash_bytes(s->seed, path, strlen(path)),
                               (uint64_t)stamp->size_bytes,
                               (uint64_t)stamp->mtime_ns,
                               (uint64_t)stamp->ctime_ns,
                               stamp->inode,
                               (uint64_t)error};
    uint64_t h = hash_words(s->seed, fields, sizeof fields / sizeof *fields);
    return h + (h == 0); /* 0 is an empty slot */
}

static uint64_t *ways_of(const struct seen_files *s, uint64_t h)
{
    return s->slots + (h & (SLOTS - 1) & ~(uint64_t)(WAYS - 1));
}

bool seen_files_have(const struct seen_files *s, const char *path, const struct file_stamp *stamp,
                     int error)
{
    if (!s->slots)
        return false;
    uint64_t h = hash_of(s, path, stamp, error), *ways = ways_of(s, h);
    for (int i = 0; i < WAYS; i++)
        if (ways[i] == h)
            return true;
    return false;
}

void seen_files_add(struct seen_files *s, const char *path, const struct file_stamp *stamp,
                    int error)
{
    if (!s->slots)
        s->slots = calloc(SLOTS, sizeof *s->slots);
    if (!s->slots)
        return;
    uint64_t h = hash_of(s, path, stamp, error), *ways = ways_of(s, h);
    int at = 0;
    while (at < WAYS && ways[at] && ways[at] != h)
        at++;
    ways[at < WAYS ? at : (int)(h >> 62)] = h;
}
