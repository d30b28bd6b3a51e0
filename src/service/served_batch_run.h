/* served_batch_run.h - a run of a served batch, from the opening of its ledger to the closing.
 *
 *     rc = served_batch_open(d, &e);                   its options are read, its ledger is locked
 *     rc = served_batch_take(d, &scheduled, &e);       what is due, if anything is, has its row
 *     served_batch_start(d, scheduled);                d->ended is set when it has ended
 *     served_batch_close(d);                           after the run, or instead of one
 */
#ifndef MB_SERVICE_SERVED_BATCH_RUN_H
#define MB_SERVICE_SERVED_BATCH_RUN_H

#include "service/served_batch_state.h"

MUST_CHECK int served_batch_open(struct served_batch *d, struct error *e);
MUST_CHECK int served_batch_take(struct served_batch *d, bool *scheduled, struct error *e);
void served_batch_start(struct served_batch *d, bool scheduled);
void served_batch_close(struct served_batch *d);

#endif
