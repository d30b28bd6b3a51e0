/* journal.h - the turn's ledger writes, kept until they are durable.
 *
 *   note_step(j, &step);            notes.h: written into the ledger's transaction at once, and
 *                                   remembered
 *   if (journal_commit(j)) ...      once a turn: all is durable, and what waited may be released
 *
 * If a write or the commit fails (disk full, I/O error) SQLite takes the whole turn back, but
 * nothing is lost: what this run has learned since is remembered too, and journal_commit() writes
 * all of it again, in order, until it succeeds or the run gives up. From the first failure on the
 * run is ending: nothing new is sent. */
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
bool journal_down(const struct journal *j);     /* the last write failed */
bool journal_was_down(const struct journal *j); /* one ever did */
/* It hasn't been possible to write for so long that the run gives up. */
bool journal_hopeless(const struct journal *j);
struct mono journal_next(const struct journal *j); /* down: when it is tried again */

/* True: all is durable. False: the ledger can't be written for now; nothing may be released. */
bool journal_commit(struct journal *j);
/* Forgets what isn't durable: the ledger is lost. */
void journal_forget(struct journal *j);

#endif
