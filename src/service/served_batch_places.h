/* served_batch_places.h - whether the directories of a served batch answer. Opening a batch looks at
 * them on the loop, where a share that hangs would stop all batches and the receiver; so they are
 * looked at on the pool first, and a batch whose share hangs waits alone. */
#ifndef MB_SERVICE_SERVED_BATCH_PLACES_H
#define MB_SERVICE_SERVED_BATCH_PLACES_H

#include "service/served_batch_state.h"

/* 1: they have just answered, with a word or an error; 0: they are being asked, and S's host is poked
 * when they answer; ERR_PASSING and *E: they have been asked for some seconds. */
MUST_CHECK int served_batch_ask_places(struct served_batch *s, struct error *e);
/* When asking again says more than 0; long ago: at once. */
struct mono served_batch_places_next(const struct served_batch *s);
/* What is being asked is wanted no more. */
void served_batch_leave_places(struct served_batch *s);

#endif
