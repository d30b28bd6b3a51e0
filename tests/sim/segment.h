/* segment.h - one run of the batch, in a process of its own that may die in the middle. */
#ifndef MB_SIM_SEGMENT_H
#define MB_SIM_SEGMENT_H

#include "world.h"

struct segment {
    int number;       /* of the seed's runs, from 0 */
    int64_t crash_at; /* the crash point at which it dies; 0: it doesn't */
    int64_t stop_at_step;
    int settings;
    const struct sim_retry *retry; /* NULL: a run */
};

/* Forks, waits. What came of it is in W: ended, exit_code, failure. */
void segment_run(struct world *w, const struct segment *segment);

#endif
