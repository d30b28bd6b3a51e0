/* served_batch_forecast.h - a served batch's forecasts (forecast.h): one some time ahead of an
 * occurrence, and one at the start of its run, which waits for it. */
#ifndef MB_SERVICE_SERVED_BATCH_FORECAST_H
#define MB_SERVICE_SERVED_BATCH_FORECAST_H

#include "service/served_batch_state.h"

/* The one ahead: whether it is time, and making it. */
bool served_batch_wants_forecast(const struct served_batch *s);
void served_batch_forecast_ahead(struct served_batch *s);

/* What was taken begins, once its forecast is made: at once, or in a turn while SERVED_FORECAST. */
void served_batch_prepare(struct served_batch *s);
void served_batch_turn_forecast(struct served_batch *s);

#endif
