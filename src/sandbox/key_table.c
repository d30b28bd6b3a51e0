/* Linear probing at a load of at most one half. The keys are random or digests, so that their first
 * eight bytes are hash enough. */
#include "sandbox/key_table.h"

#include "base/require.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void key_table_init(struct key_table *t, size_t key_offset, size_t key_len)
{
    REQUIRE(key_len >= sizeof(uint64_t));
    *t = (struct key_table){.key_offset = key_offset, .key_len = key_len};
}

void key_table_release(struct key_table *t)
{
    free(t->slots);
    key_table_init(t, t->key_offset, t->key_len);
}

static const void *key_of(const struct key_table *t, const void *item)
{
    return (const char *)item + t->key_offset;
}

/* The slot that holds KEY, or the empty one where it would go. */
static void **slot_for(const struct key_table *t, const void *key)
{
    uint64_t hash;
    memcpy(&hash, key, sizeof hash);
    size_t i = (size_t)hash & (t->cap - 1);
    while (t->slots[i] != NULL && memcmp(key_of(t, t->slots[i]), key, t->key_len) != 0)
        i = (i + 1) & (t->cap - 1);
    return &t->slots[i];
}

void *key_table_find(const struct key_table *t, const void *key)
{
    return t->cap == 0 ? NULL : *slot_for(t, key);
}

static void grow(struct key_table *t)
{
    struct key_table wider = *t;
    wider.cap = t->cap == 0 ? 1024 : t->cap * 2;
    wider.slots = xcalloc(wider.cap, sizeof *wider.slots);
    for (size_t i = 0; i < t->cap; i++) {
        if (t->slots[i] != NULL)
            *slot_for(&wider, key_of(t, t->slots[i])) = t->slots[i];
    }
    free(t->slots);
    *t = wider;
}

void key_table_add(struct key_table *t, void *item)
{
    if (t->count * 2 >= t->cap)
        grow(t);
    void **slot = slot_for(t, key_of(t, item));
    REQUIRE(*slot == NULL);
    *slot = item;
    t->count++;
}
