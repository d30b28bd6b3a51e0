/* served_batch_run.h - a run of a served batch, from the opening of its ledger to the closing.
 *
 *     rc = served_batch_open(s, &e);                   its options are read, its ledger is locked
 *     rc = served_batch_take(s, &scheduled, &e);       what is due, if anything is, has its row
 *     served_batch_start(s, SERVED_BEGINS);            s->ended is set when it has ended
 *     served_batch_close(s);                           after the run, or instead of one
 *
 *     rc = served_batch_open_receiving(s, &e);         or, for webhooks alone: opens and starts it
 */
#ifndef MB_SERVICE_SERVED_BATCH_RUN_H
#define MB_SERVICE_SERVED_BATCH_RUN_H

#include "service/served_batch_state.h"

MUST_CHECK int served_batch_open(struct served_batch *s, struct error *e);
MUST_CHECK int served_batch_take(struct served_batch *s, bool *scheduled, struct error *e);
/* EVENT: SERVED_STAYS or SERVED_BEGINS. */
void served_batch_start(struct served_batch *s, enum served_batch_event event);
/* For word of a batch that can't be opened; that it can't be had either is logged. */
void served_batch_need_notifier(struct served_batch *s);
/* RUN_RECEIVES: the batch is SERVED_RECEIVING from here on, unless it is an error. */
MUST_CHECK int served_batch_open_receiving(struct served_batch *s, struct error *e);
void served_batch_close(struct served_batch *s);

#endif
