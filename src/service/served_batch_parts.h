/* served_batch_parts.h - what the files of a duty share: duty.c (states, beginning), served_batch_forecast.c,
 * served_batch_end.c. */
#ifndef MB_SERVICE_SERVED_BATCH_PARTS_H
#define MB_SERVICE_SERVED_BATCH_PARTS_H

#include "service/served_batch.h"

/* duty.c */
struct notifier *
served_batch_notifier(const struct served_batch *d); /* NULL: nobody is to be told */
const char *
served_batch_name(const struct served_batch *d); /* for the log; NULL: there is only one */
struct wall served_batch_wall(const struct served_batch *d);
struct agenda served_batch_agenda(const struct served_batch *d);
void served_batch_start(struct served_batch *d, bool scheduled); /* the batch is open */
void served_batch_close(struct served_batch *d);                 /* it has ended, or never began */
void served_batch_rest(struct served_batch *d, int64_t ms);      /* and look again then */

/* served_batch_forecast.c */
bool served_batch_wants_forecast(const struct served_batch *d);
void served_batch_forecast_ahead(struct served_batch *d);
void served_batch_prepare(
    struct served_batch *d); /* a scheduled run: begins, once its forecast is made */
void served_batch_turn_forecast(struct served_batch *d);

/* served_batch_end.c */
void served_batch_run_ended(struct served_batch *d);

#endif
