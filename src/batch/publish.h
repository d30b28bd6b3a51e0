/* publish.h - results/ is a projection of the ledger: a stored document's payload is written at each
 * of its files' names, from memory when it has just come, from the ledger for what an earlier run
 * didn't get to, or for a duplicate found later. Nothing is written over what isn't that document's
 * own: then its name gets a number. What was written counts as published when it is synced, many
 * files at once. A file that can't be written doesn't hold anything up; the next run tries again. */
#ifndef MB_BATCH_PUBLISH_H
#define MB_BATCH_PUBLISH_H

#include "batch/flight.h"

struct publish;

struct publish *publish_new(struct run_context *c, struct ending *ending, struct journal *journal);
void publish_free(struct publish *p);
void publish_start(struct publish *p); /* also looks for result files that are missing */
void publish_save(struct publish *p);  /* into the ledger, at the run's end */

/* A result that was stored just now; takes its payload. After the commit. */
void publish_result(struct publish *p, struct flight *f);
/* The ledger holds results whose files may be missing. */
void publish_look(struct publish *p);

void publish_turn(struct publish *p, struct mono now); /* nothing waits for a commit */
struct mono publish_next(const struct publish *p, struct mono now);
bool publish_busy(const struct publish *p);
bool publish_has_room(const struct publish *p); /* for one more result */

size_t publish_errors(const struct publish *p); /* files that couldn't be written */

#endif
