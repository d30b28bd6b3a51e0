/* journal.h - the turn's ledger writes, kept until they are durable.
 *
 *   note_step(j, &step);            notes.h: written into the ledger's transaction at once, and
 *                                   remembered
 *   journal_turn(j, durable, ctx);  once a turn: all that was noted so far is made durable, and
 *                                   DURABLE called when it is; what is noted meanwhile goes with
 *                                   the next turn
 *
 * If a write or the commit fails (disk full, I/O error) the ledger takes the whole turn back, but
 * nothing is lost: what this run has learned since is remembered too, and the next turns write all of
 * it again, in order, until it succeeds or the run gives up. From the first failure on the run is
 * ending: nothing new is sent. Where only the word of a turn's success got lost (the ledger counts its
 * turns, and says so), what was noted since is written again, and the run goes on. */
#ifndef MB_BATCH_JOURNAL_H
#define MB_BATCH_JOURNAL_H

#include "batch/ending.h"
#include "batch/reserve.h"

struct journal;

struct journal *journal_new(const struct run_context *c, struct ending *ending);
void journal_free(struct journal *j);

/* The room that is given up at the first failure; whoever sends asks first whether it is there. */
struct reserve *journal_reserve(struct journal *j);

/* COMMITTED(ctx, results) after each commit: RESULTS new results are durable. It may write to the
 * ledger what the next commit shall take along. */
void journal_on_commit(struct journal *j, void (*committed)(void *ctx, int64_t results), void *ctx);

bool journal_dirty(const struct journal *j);    /* there is something to commit */
bool journal_out(const struct journal *j);      /* a turn is outstanding */
bool journal_unsure(const struct journal *j);   /* and nothing can be written until it is known */
bool journal_down(const struct journal *j);     /* the last write failed */
bool journal_was_down(const struct journal *j); /* one ever did */
/* It hasn't been possible to write for so long that the run gives up. */
bool journal_hopeless(const struct journal *j);
struct mono journal_next(const struct journal *j); /* down: when it is tried again */

/* Begins a turn of all that was noted so far; not while one is out. False: the ledger can't be written
 * for now. DURABLE comes from ledger_turn_end, or later; not at all where it fails. */
bool journal_turn(struct journal *j, void (*durable)(void *ctx), void *ctx);
/* The same, waited for, while none is out. True: all is durable. */
bool journal_commit(struct journal *j);
/* Forgets what isn't durable: the ledger is lost. */
void journal_forget(struct journal *j);

#endif
