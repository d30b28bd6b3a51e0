/* dice.h - what a scenario is drawn with. */
#ifndef MB_SIM_DICE_H
#define MB_SIM_DICE_H

#include "base/random.h"

#include <stdbool.h>

static inline bool chance(struct random *r, double p)
{
    return random_unit(r) < p;
}

static inline int between(struct random *r, int low, int high)
{
    return low + (int)random_below(r, (uint64_t)(high - low + 1));
}

#endif
