/* move.h - inputs of documents that are done go to the directories of input.move_*: after the commit
 * that says so, a few at a time, on the thread pool.
 *
 * One move: find a free name there (pool); note the intent, and wait for its commit; move (pool);
 * note that it is done, and the stamp the file has there. A name that was taken meanwhile: another
 * one, another intent. What can't be moved stays where it is, its intent is withdrawn, and the next
 * run (one that stays: the next hour) tries again. An intent that an earlier run left is settled
 * first, by looking at both places (intake/file_move.h).
 *
 * Which files: those of documents that come to an end, as they do (move_consider); and all that
 * earlier runs left behind, a thousand files of the ledger at a time. The ledger says of each
 * whether it is to be moved at all, so asking twice does no harm.
 *
 * Not before nobody needs a file where it is: no upload of its document is on its way (moving would
 * change the stamp under it), and, of one that failed, the first documents aren't under suspicion
 * of having failed all alike for the run's fault. */
#ifndef MB_BATCH_MOVE_H
#define MB_BATCH_MOVE_H

#include "batch/suspects.h"

struct move;

struct move *move_new(struct run_context *c, struct ending *ending, struct journal *journal,
                      struct flights *flights, struct suspects *suspects);
void move_free(struct move *m);
void move_start(struct move *m);

/* The document's state, or its files, may be what inputs are moved for. */
void move_consider(struct move *m, int64_t document);
/* WAITS: documents are still being taken up again (retry): none of theirs is moved meanwhile. */
void move_wait(struct move *m, bool waits);
void move_turn(struct move *m, struct mono now); /* nothing waits for a commit */
struct mono move_next(const struct move *m, struct mono now);
bool move_busy(const struct move *m);
/* Nothing else is left of the run: whether nothing is left of this either. */
bool move_is_done(struct move *m);

#endif
