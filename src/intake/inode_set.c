/* See inode_set.h. Open addressing: 32 bytes a directory at most, so that a tree of a million of
 * them, walked with links followed, stays within a few tens of megabytes. */
#include "intake/inode_set.h"

#include "base/error.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

static bool is_empty(struct inode_key k)
{
    return k.device == 0 && k.inode == 0;
}

/* The key's slot, or the empty one where it belongs. */
static struct inode_key *find(struct inode_key *slots, size_t capacity, struct inode_key key)
{
    uint64_t hash = ((uint64_t)key.inode ^ (uint64_t)key.device << 32) * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash >> 32) & (capacity - 1);
    while (!is_empty(slots[at]) && !inode_key_equal(slots[at], key))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static int grow(struct inode_set *s)
{
    size_t capacity = s->capacity ? 2 * s->capacity : FIRST_CAPACITY;
    struct inode_key *slots = calloc(capacity, sizeof *slots);
    if (!slots)
        return ERR_MEMORY;
    for (size_t i = 0; i < s->capacity; i++)
        if (!is_empty(s->slots[i]))
            *find(slots, capacity, s->slots[i]) = s->slots[i];
    free(s->slots);
    s->slots = slots;
    s->capacity = capacity;
    return 0;
}

int inode_set_add(struct inode_set *s, struct inode_key key)
{
    REQUIRE(!is_empty(key));
    if (2 * (s->count + 1) > s->capacity) {
        int r = grow(s);
        if (r)
            return r;
    }
    struct inode_key *slot = find(s->slots, s->capacity, key);
    if (!is_empty(*slot))
        return 0;
    *slot = key;
    s->count++;
    return 1;
}

void inode_set_release(struct inode_set *s)
{
    free(s->slots);
    *s = (struct inode_set){0};
}
