/* missing_results.h - result files that were published and aren't there any more: somebody deleted
 * them, or a power cut took them. Once, at a run's beginning, they are looked for, a thousand at a
 * time on the thread pool. After an unclean end, or on another boot of the machine, those of another
 * size than they should have are found too, if they were published since the last end that was
 * clean. What is found is to be written anew. */
#ifndef MB_BATCH_MISSING_RESULTS_H
#define MB_BATCH_MISSING_RESULTS_H

#include "batch/ending.h"
#include "batch/run_context.h"
#include "results/result_files.h"

struct missing_results;

struct missing_results *missing_results_new(struct run_context *c, struct ending *ending);
void missing_results_free(struct missing_results *m);
/* PLACE: where they should be. */
void missing_results_start(struct missing_results *m, const struct result_place *place);
/* True: some were found since the last time. */
bool missing_results_turn(struct missing_results *m);
bool missing_results_busy(const struct missing_results *m);
bool missing_results_reading(const struct missing_results *m); /* the pool is at work */
/* The run ends, and all that it published is on the disk. */
void missing_results_save(struct missing_results *m);

#endif
