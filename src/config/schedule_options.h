/* schedule_options.h - [schedule] of a configuration, or of a batch of it, as a calendar of core.
 *
 *     struct calendar *c;
 *     if (schedule_read(&c, config_batch(config, i), &e) < 0)  ...
 *     if (!c) there is no schedule
 *     calendar_free(c);
 */
#ifndef MB_CONFIG_SCHEDULE_OPTIONS_H
#define MB_CONFIG_SCHEDULE_OPTIONS_H

#include "calendar/calendar.h"
#include "config/config.h"

/* Reads schedule.when, .timezone, .weekend, .holidays and .on_holiday, with the files they name. 0,
 * with *OUT the caller's, or NULL where schedule.when is off; ERR_USAGE, with the option's place,
 * what is wrong (in a file of holidays: the line) and the way out. A rule that has no run from now
 * on is wrong. */
MUST_CHECK int schedule_read(struct calendar **out, const struct config *c, struct error *e);

/* The zone of schedule.timezone; UTC, and the error that schedule_read names, if it can't be read. */
MUST_CHECK int schedule_read_zone(struct zone *z, const struct config *c, struct error *e);

/* All of it for C, or for each of its batches, and every error there is. */
MUST_CHECK int schedule_check(const struct config *c, struct error_list *errors);

#endif
