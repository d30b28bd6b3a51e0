/* served_batch_status.h - a served batch in a few words, for `systemctl status`. */
#ifndef MB_SERVICE_SERVED_BATCH_STATUS_H
#define MB_SERVICE_SERVED_BATCH_STATUS_H

#include "batch/batch_view.h"
#include "service/served_batch_state.h"

/* Nothing if there is no news to tell. */
void served_batch_status(const struct served_batch *s, struct buffer *out);

/* For whoever measures. */
void served_batch_view(const struct served_batch *s, struct batch_view *out);

#endif
