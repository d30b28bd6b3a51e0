/* hash_set.h - entries found by their key: open addressing, linear probing, at most half full.
 *
 *   static const struct hash_set_kind kind = {sizeof(struct x), key_of, hash_of, same};
 *   struct hash_set s = {0};                      an empty one
 *   struct x *x = hash_set_find(&s, &kind, &key); NULL: there is none with that key
 *   x = hash_set_put(&s, &kind, &key);            there is one: as it was, or of zeroes. The caller
 *                                                 writes the key into it. NULL: no memory
 *   x = hash_set_next(&s, &kind, x);              each, in no order, from NULL to NULL
 *   hash_set_release(&s);                         empty again
 *
 * An entry is a struct, or a pointer, in the table itself: it moves with the next put. One of zeroes
 * is a free place, for which KEY_OF returns NULL. Nothing is taken out singly.
 *
 * All of it is inline: with a constant kind the compiler makes the table that one would write by
 * hand for that type. */
#ifndef MB_BASE_HASH_SET_H
#define MB_BASE_HASH_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct hash_set {
    void *entries;
    size_t count, capacity; /* a power of two; 0: nothing is allocated */
};

struct hash_set_kind {
    size_t size;                              /* of an entry */
    const void *(*key_of)(const void *entry); /* NULL: a free place */
    uint64_t (*hash_of)(const void *key);     /* spread well in its low bits */
    bool (*same)(const void *key, const void *other);
};

enum { HASH_SET_FIRST = 64 }; /* entries of the first memory, half of them free */

static inline void *hash_set_at(const struct hash_set *s, const struct hash_set_kind *kind,
                                size_t i)
{
    return (char *)s->entries + i * kind->size;
}

/* Where KEY is, or the free place where it belongs; there is memory. */
static inline void *hash_set_place(const struct hash_set *s, const struct hash_set_kind *kind,
                                   const void *key)
{
    size_t i = (size_t)kind->hash_of(key) & (s->capacity - 1);
    for (;;) {
        void *entry = hash_set_at(s, kind, i);
        const void *there = kind->key_of(entry);
        if (!there || kind->same(there, key))
            return entry;
        i = (i + 1) & (s->capacity - 1);
    }
}

static inline void *hash_set_find(const struct hash_set *s, const struct hash_set_kind *kind,
                                  const void *key)
{
    void *entry = s->capacity ? hash_set_place(s, kind, key) : NULL;
    return entry && kind->key_of(entry) ? entry : NULL;
}

static inline void *hash_set_next(const struct hash_set *s, const struct hash_set_kind *kind,
                                  const void *entry)
{
    size_t i =
        entry ? (size_t)((const char *)entry - (const char *)s->entries) / kind->size + 1 : 0;
    while (i < s->capacity && !kind->key_of(hash_set_at(s, kind, i)))
        i++;
    return i < s->capacity ? hash_set_at(s, kind, i) : NULL;
}

static inline void hash_set_release(struct hash_set *s)
{
    free(s->entries);
    *s = (struct hash_set){0};
}

/* False: there is no memory, and the set is as it was. */
static inline bool hash_set_grow(struct hash_set *s, const struct hash_set_kind *kind)
{
    struct hash_set larger = {.count = s->count,
                              .capacity = s->capacity ? 2 * s->capacity : HASH_SET_FIRST};
    larger.entries = calloc(larger.capacity, kind->size);
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < s->capacity; i++) {
        const char *from = hash_set_at(s, kind, i);
        const void *key = kind->key_of(from);
        char *to = key ? hash_set_place(&larger, kind, key) : NULL;
        if (to)
            memcpy(to, from, kind->size);
    }
    hash_set_release(s);
    *s = larger;
    return true;
}

static inline void *hash_set_put(struct hash_set *s, const struct hash_set_kind *kind,
                                 const void *key)
{
    void *entry = s->capacity ? hash_set_place(s, kind, key) : NULL;
    if (entry && kind->key_of(entry))
        return entry;
    if (2 * (s->count + 1) > s->capacity) {
        if (!hash_set_grow(s, kind))
            return NULL;
        entry = hash_set_place(s, kind, key);
    }
    s->count++;
    return entry;
}

#endif
