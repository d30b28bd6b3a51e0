/* served_batch_receive.h - webhooks that come while no run of a served batch is on.
 *
 *     served_batch_receive(&s);            a delivery waits that may be its: it is opened for it
 *     served_batch_comes(&s)               such a delivery had better wait: it can be taken soon
 *     served_batch_received(&s);           what was opened so has ended
 *
 * The ledger is opened for a delivery and closed a few seconds after the last one (RUN_RECEIVES in
 * batch/options.h), so that a `run` or `retry` by hand finds it free: what comes late comes in
 * bursts, and to open a ledger takes some milliseconds. Nothing is sent, and no file is read, not
 * even looked for. A ledger that can't be opened refuses the delivery, which comes again.
 * A `retry` that finds it open is given the ledger at once, however many deliveries come. */
#ifndef MB_SERVICE_SERVED_BATCH_RECEIVE_H
#define MB_SERVICE_SERVED_BATCH_RECEIVE_H

#include "service/served_batch_state.h"

void served_batch_receive(struct served_batch *s);
bool served_batch_comes(const struct served_batch *s);
/* Its reports are written; returns what else is to be done (SERVED_DO_...). */
unsigned served_batch_received(struct served_batch *s);

#endif
