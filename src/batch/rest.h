/* rest.h - a folder that is watched: when it is looked at again, and which of its files have come
 * to rest. A filter between the walk and find_entry.c, which asks it of each entry and tells it what
 * it has settled:
 *
 *   if (rest_turn(r, now, busy))        a round is due: walk everything again
 *   rest_walk_begins(r);
 *   if (rest_passes(r, entry, walk))    nothing is to be done about this entry
 *   if (rest_lets(r, entry, walk))      it isn't known, and has been quiet: it may be read
 *   rest_settled(r, ...);               the ledger knows it like this
 *   rest_walk_ended(r);
 *
 * What isn't known waits here until it has been quiet (intake/quiet_files.h), and what is known
 * costs no look-up (intake/seen_files.h). A round comes after watch.rescan; when a file may have
 * come to rest; and soon after a hint of the system's (net/directory_watch.h), but at most one a
 * second, and no more than a fifth of the time is spent on rounds.
 *
 * A round can be a glance: where every directory tells of changes, told of none, and had its stamp
 * for longer than file systems' clocks are coarse, it is enough to see that the stamps are still
 * those. Every tenth round is a walk all the same: an overflow of the system's queue is never told.
 *
 * What the caches believe is thrown away once an hour, so that nothing is missed for ever. */
#ifndef MB_BATCH_REST_H
#define MB_BATCH_REST_H

#include "batch/run_context.h"

struct rest;

/* The stamps of a chunk of entries were read between these two moments. */
struct walk_times {
    struct mono asked_at, answered_at;
};

struct rest *rest_new(struct run_context *c);
void rest_close(struct rest *r); /* frees, once the pool is done with it */

/* BUSY: files of the last round are still being read. True: walk again. */
bool rest_turn(struct rest *r, struct mono now, bool busy);
struct mono rest_next(const struct rest *r, bool busy);
void rest_walk_begins(struct rest *r);
void rest_walk_ended(struct rest *r);

bool rest_passes(struct rest *r, const struct intake_entry *entry, const struct walk_times *walk);
bool rest_lets(struct rest *r, const struct intake_entry *entry, const struct walk_times *walk);
/* ERROR: errno, if it can't be looked at. */
void rest_settled(struct rest *r, const char *path, const struct file_stamp *stamp, int error);
/* A file was found changed: what was seen of it may be wrong, and a look is due. */
void rest_doubts(struct rest *r);

/* Something couldn't be read for a reason that passes: a round comes soon, at first, and then with
 * longer and longer pauses up to watch.rescan. */
void rest_trouble(struct rest *r);

#endif
