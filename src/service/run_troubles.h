/* run_troubles.h - what a run tells while it is on, as notices' words: between batch/hearing.h and
 * notify/notifier.h. */
#ifndef MB_SERVICE_RUN_TROUBLES_H
#define MB_SERVICE_RUN_TROUBLES_H

#include "batch/hearing.h"
#include "notify/notifier.h"

/* For batch_on_hearing; CTX is the notifier, or NULL. */
void run_troubles_heard(void *ctx, const struct hearing_news *news);

#endif
