/* local_time.h - times as people are told them: as the clocks show them in schedule.timezone. */
#ifndef MB_CLI_LOCAL_TIME_H
#define MB_CLI_LOCAL_TIME_H

#include "base/clock.h"
#include "config/config.h"

/* From here on, for the process. A zone that can't be read is UTC: who needs it says so. */
void local_time_use(const struct config *c);
/* "2026-08-31T20:00:05+02:00", in UTC "2026-08-31T18:00:05Z". Returns OUT. */
const char *local_time_format(struct wall at, char out[WALL_TEXT_MAX]);
/* Seconds east of UTC; for log_options, if local_time_is_utc says no. */
int32_t local_time_offset(struct wall at);
bool local_time_is_utc(void);

#endif
