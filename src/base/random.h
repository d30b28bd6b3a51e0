/* random.h - random numbers: seeded from the system in a run,
 * from a number in a simulation or a sandbox. */
#ifndef MB_BASE_RANDOM_H
#define MB_BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_init(struct random *r, uint64_t seed); /* repeatable */
void random_init_system(struct random *r);         /* not */
uint64_t random_u64(struct random *r);
uint64_t random_below(struct random *r, uint64_t n); /* 0 .. n-1; n > 0 */
double random_unit(struct random *r);                /* [0, 1) */
double random_normal(struct random *r);              /* mean 0, deviation 1 */
void random_uuid(struct random *r, char out[37]);    /* version 4, lower case */

#endif
