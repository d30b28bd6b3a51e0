/* duty_parts.h - what the files of a duty share: duty.c (states, beginning), duty_forecast.c,
 * duty_end.c. */
#ifndef MB_SERVICE_DUTY_PARTS_H
#define MB_SERVICE_DUTY_PARTS_H

#include "service/duty.h"

/* duty.c */
struct notifier *duty_notifier(const struct duty *d); /* NULL: nobody is to be told */
const char *duty_name(const struct duty *d);          /* for the log; NULL: there is only one */
struct wall duty_wall(const struct duty *d);
struct agenda duty_agenda(const struct duty *d);
void duty_start(struct duty *d, bool scheduled); /* the batch is open */
void duty_close(struct duty *d);                 /* it has ended, or never began */
void duty_rest(struct duty *d, int64_t ms);      /* and look again then */

/* duty_forecast.c */
bool duty_wants_forecast(const struct duty *d);
void duty_forecast_ahead(struct duty *d);
void duty_prepare(struct duty *d); /* a scheduled run: begins, once its forecast is made */
void duty_see_to_forecast(struct duty *d);

/* duty_end.c */
void duty_run_ended(struct duty *d);

#endif
