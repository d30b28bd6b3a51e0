/* served_batch_work.h - what takes seconds when a run has ended or rests, on a thread: the other batches and their webhooks
 * don't wait for it. One piece of work at a time for each batch; while there is one (s->work) its batch stays
 * open, and so do its options and its configuration.
 *
 * What is called there uses the ledger and review.db by connections of its own (database_use_threads), and writes no line of
 * the log: what went wrong is logged here, on the loop. */
#ifndef MB_SERVICE_SERVED_BATCH_WORK_H
#define MB_SERVICE_SERVED_BATCH_WORK_H

#include "service/served_batch_state.h"

/* What of S's batch needs a person; EXIT_CODE -1: its run goes on. True: DONE is called once s->review has it. False:
 * nobody looks for it, and nothing is called. */
bool served_batch_review(struct served_batch *s, int exit_code,
                         void (*done)(struct served_batch *s));
/* The page of S's run, and word of its place. True: DONE is called then. False: nobody makes one, and nothing is called. */
bool served_batch_page(struct served_batch *s, void (*done)(struct served_batch *s));

#endif
