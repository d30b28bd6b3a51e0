/* segment.h - one run of the batch, in a process of its own that may die in the middle. */
#ifndef MB_SIM_SEGMENT_H
#define MB_SIM_SEGMENT_H

#include "world.h"

struct segment {
    int number;        /* of the seed's runs, from 0 */
    int ledger;        /* 1: the neighbour's */
    bool dies_unnamed; /* as soon as a file that is on the disk waits for its name */
    bool dies_moving;  /* ... as a file is to be moved */
    int64_t crash_at;  /* the crash point at which it dies; 0: it doesn't */
    int64_t stop_at_step;
    int settings;
    bool receives;                 /* no run: what `serve` does between two, RUN_RECEIVES */
    bool refused;                  /* the ledger was put back: it can't begin */
    bool restores;                 /* no run: `ledger restored --yes` */
    const struct sim_retry *retry; /* NULL: a run */
    const struct script *script;   /* NULL: the seed decides */
};

/* Forks, waits. What came of it is in W: runs, failure. BESIDE: another ledger's run, which begins
 * so much later and goes on in the same time; or NULL. */
void segment_run(struct world *w, const struct segment *segment, const struct segment *beside,
                 int64_t later_ms);

#endif
