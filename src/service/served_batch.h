/* served_batch.h - what the service does for one batch: scheduled runs on their day, and between
 * them, if it is to stay, a run that waits for files or webhooks.
 *
 *     served_batch_init(&s, entry, &host);
 *     rc = served_batch_begin(&s, &e);           opens the batch for the first time
 *     served_batch_turn(&s);                     whenever the host was poked, and when
 *                                                served_batch_next says
 *     served_batch_stop(&s, BATCH_DRAIN);        its run, if there is one, ends as batch_stop says
 *     served_batch_over(&s)                      nothing of it is on the loop any more
 *     served_batch_release(&s);
 *
 * Whether something is due is decided by the ledger's rows alone, while it is open and locked; the
 * calendar only says when to look. A ledger that another run has is waited for. */
#ifndef MB_SERVICE_SERVED_BATCH_H
#define MB_SERVICE_SERVED_BATCH_H

#include "service/served_batch_state.h"

void served_batch_init(struct served_batch *s, const struct served_entry *entry,
                       const struct served_batch_host *host);
/* What makes a start senseless: options, a directory, a damaged ledger. One that is in use isn't, nor
 * is a share that is away. */
MUST_CHECK int served_batch_begin(struct served_batch *s, struct error *e);
void served_batch_turn(struct served_batch *s);
/* When it has something to do, by the clocks as they are. */
struct mono served_batch_next(const struct served_batch *s);
void served_batch_stop(struct served_batch *s, enum batch_stop how);
bool served_batch_over(const struct served_batch *s);
/* ENTRY holds from the next run on, its schedule from now on. */
void served_batch_reload(struct served_batch *s, const struct served_entry *entry);
/* Anything of R. */
bool served_batch_uses(const struct served_batch *s, const struct served_batches *r);
void served_batch_release(struct served_batch *s);

#endif
