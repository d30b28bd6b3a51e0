/* See inode_set.h. 32 bytes a directory at most, so that a tree of a million of them, walked with
 * links followed, stays within a few tens of megabytes. */
#include "intake/inode_set.h"

#include "base/error.h"

static const void *key_of(const void *entry)
{
    const struct inode_key *k = entry;
    return k->device == 0 && k->inode == 0 ? NULL : k;
}

static uint64_t hash_of(const void *key)
{
    const struct inode_key *k = key;
    return (((uint64_t)k->inode ^ (uint64_t)k->device << 32) * 0x9e3779b97f4a7c15u) >> 32;
}

static bool same(const void *key, const void *other)
{
    const struct inode_key *a = key, *b = other;
    return inode_key_equal(*a, *b);
}

static const struct hash_set_kind inodes = {sizeof(struct inode_key), key_of, hash_of, same};

int inode_set_add(struct inode_set *s, struct inode_key key)
{
    REQUIRE(key_of(&key));
    size_t count = s->keys.count;
    struct inode_key *entry = hash_set_put(&s->keys, &inodes, &key);
    if (!entry)
        return ERR_MEMORY;
    *entry = key;
    return s->keys.count > count;
}

void inode_set_release(struct inode_set *s)
{
    hash_set_release(&s->keys);
}
