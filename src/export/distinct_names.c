/* See distinct_names.h. All names are put into a set first, so that no ~2 takes the name of one that
 * comes later. Only the case of A to Z is passed over, as SQLite does. */
#include "export/distinct_names.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "base/hash_set.h"

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static const void *key_of(const void *entry)
{
    return *(const char *const *)entry;
}

static uint64_t hash_of(const void *key)
{
    uint64_t h = 0;
    for (const char *p = key; *p; p++)
        h = h * 0x100000001b3ULL ^ (uint8_t)folded(*p);
    return hash_mix(h);
}

static bool same(const void *key, const void *other)
{
    const char *a = key, *b = other;
    while (*a && folded(*a) == folded(*b)) {
        a++;
        b++;
    }
    return folded(*a) == folded(*b);
}

static const struct hash_set_kind kind = {sizeof(const char *), key_of, hash_of, same};

/* Puts NAME into the set unless one like it is there. */
static bool take(struct hash_set *taken, const char *name)
{
    size_t before = taken->count;
    const char **entry = hash_set_put(taken, &kind, name);
    REQUIRE(entry != NULL);
    if (taken->count == before)
        return false;
    *entry = name;
    return true;
}

void distinct_names(char **names, size_t count)
{
    struct hash_set taken = {0};
    struct buffer other;
    bool *first = xcalloc(count ? count : 1, sizeof *first);
    buffer_init(&other, 0);
    for (size_t i = 0; i < count; i++)
        first[i] = take(&taken, names[i]);
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 2; !first[i]; n++) {
            buffer_clear(&other);
            buffer_printf(&other, "%s~%zu", names[i], n);
            if (hash_set_find(&taken, &kind, buffer_text(&other)))
                continue;
            free(names[i]);
            names[i] = buffer_detach(&other, NULL);
            first[i] = take(&taken, names[i]);
        }
    }
    buffer_release(&other);
    hash_set_release(&taken);
    free(first);
}
