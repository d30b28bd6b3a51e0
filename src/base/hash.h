/* hash.h - 64 bits for tables in memory: spread well, cheap, different with each seed;
 * no proof of anything. */
#ifndef MB_BASE_HASH_H
#define MB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* MurmurHash3's last step: every bit of H reaches every bit of the result. */
static inline uint64_t hash_mix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return h ^ h >> 33;
}

/* FNV-1a, mixed. */
static inline uint64_t hash_bytes(uint64_t seed, const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t h = 0xcbf29ce484222325ULL ^ seed;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001b3ULL;
    return hash_mix(h);
}

static inline uint64_t hash_words(uint64_t seed, const uint64_t *words, size_t count)
{
    uint64_t h = hash_mix(seed + count);
    for (size_t i = 0; i < count; i++)
        h = hash_mix(h ^ words[i]) + i + 1;
    return h;
}

#endif
