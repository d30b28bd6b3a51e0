/* xoshiro256** (Blackman, Vigna 2018) behind splitmix64 seeding. Not for secrets: jitter, ids,
 * simulations. */
#include "base/random.h"
#include "base/require.h"

#include <math.h>
#include <stdio.h>
#include <sys/random.h>

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void random_init(struct random *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        r->state[i] = z ^ (z >> 31);
    }
}

void random_init_system(struct random *r)
{
    uint64_t seed;
    REQUIRE(getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed);
    random_init(r, seed);
}

uint64_t random_u64(struct random *r)
{
    uint64_t *s = r->state;
    uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t random_below(struct random *r, uint64_t n)
{
    REQUIRE(n > 0);
    return random_u64(r) % n;
}

double random_unit(struct random *r)
{
    return (double)(random_u64(r) >> 11) * 0x1.0p-53;
}

double random_normal(struct random *r)
{
    double u = 1.0 - random_unit(r), v = random_unit(r);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

void random_uuid(struct random *r, char out[37])
{
    uint64_t a = random_u64(r), b = random_u64(r);
    snprintf(out, 37, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
             (unsigned)(a >> 16) & 0xffffu, (unsigned)a & 0xfffu, (unsigned)(b >> 50) | 0x8000u,
             (unsigned long long)(b & 0xffffffffffffu));
}
