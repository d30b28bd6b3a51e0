/* learn.h - what the poll planner learned goes into the ledger now and then, with a commit that is made
 * anyway, and comes back when a run with the same settings begins. Nothing depends on it: what
 * can't be read is learned again. */
#ifndef MB_BATCH_LEARN_H
#define MB_BATCH_LEARN_H

#include "batch/journal.h"

struct learn;

struct learn *learn_new(struct run_context *c, struct journal *journal);
void learn_free(struct learn *l);

void learn_recall(struct learn *l);
void learn_save(struct learn *l);                           /* what is new */
void learn_before_commit(struct learn *l, struct mono now); /* the same, now and then */

#endif
