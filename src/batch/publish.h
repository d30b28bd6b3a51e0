/* publish.h - results/ is a projection of the ledger: a stored document's payload is written at each
 * of its files' names, from memory when it has just come, from the ledger for what an earlier run
 * didn't get to, or for a duplicate found later. A file that can't be written doesn't hold anything
 * up; the next run tries again. */
#ifndef MB_BATCH_PUBLISH_H
#define MB_BATCH_PUBLISH_H

#include "batch/flight.h"

struct publish;

struct publish *publish_new(struct run_context *c, struct ending *ending, struct journal *journal);
void publish_free(struct publish *p);

/* A result that was stored just now; takes its payload. After the commit. */
void publish_result(struct publish *p, struct flight *f);
/* The ledger holds results whose files may be missing. */
void publish_look(struct publish *p);
/* The path has another document now: its result file goes, after the commit. */
void publish_outdated(struct publish *p, const char *name);
void publish_drop_outdated(struct publish *p);

void publish_turn(struct publish *p, struct mono now); /* nothing waits for a commit */
struct mono publish_next(const struct publish *p, struct mono now);
bool publish_busy(const struct publish *p);
bool publish_has_room(const struct publish *p); /* for one more result */

/* Files that couldn't be written; of them those that no later run will write either, because the
 * name of another file is in the way. */
size_t publish_errors(const struct publish *p);
size_t publish_clashes(const struct publish *p);

#endif
