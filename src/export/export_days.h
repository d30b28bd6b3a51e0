/* export_days.h - how many documents were stored on each day, as the clocks of a zone have it. */
#ifndef MB_EXPORT_EXPORT_DAYS_H
#define MB_EXPORT_EXPORT_DAYS_H

#include "base/clock.h"
#include "calendar/zone.h"

#include <stddef.h>

struct export_day {
    char date[12]; /* YYYY-MM-DD */
    int64_t documents;
};

struct export_days;

struct export_days *export_days_new(void);
void export_days_free(struct export_days *d); /* fine on NULL */
void export_days_count(struct export_days *d, const struct zone *zone, struct wall at);
/* In their order; *COUNT of them. */
const struct export_day *export_days_list(const struct export_days *d, size_t *count);

#endif
