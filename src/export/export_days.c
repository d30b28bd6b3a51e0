/* See export_days.h. Documents come in the order of their names, days in any: few days are kept sorted. */
#include "export/export_days.h"

#include "base/array.h"

#include <stdio.h>
#include <string.h>

struct export_days {
    struct export_day *days; /* by date */
    size_t count, capacity;
};

struct export_days *export_days_new(void)
{
    return xcalloc(1, sizeof(struct export_days));
}

void export_days_free(struct export_days *d)
{
    if (d)
        free(d->days);
    free(d);
}

void export_days_count(struct export_days *d, const struct zone *zone, struct wall at)
{
    struct zone_time t;
    char date[12];
    zone_show(zone, at, &t);
    snprintf(date, sizeof date, "%04u-%02u-%02u", (unsigned)t.date.year % 10000u,
             (unsigned)t.date.month % 100u, (unsigned)t.date.day % 100u);
    size_t i = d->count;
    while (i > 0 && strcmp(d->days[i - 1].date, date) > 0)
        i--;
    if (i == 0 || strcmp(d->days[i - 1].date, date) != 0) {
        ARRAY_RESERVE(d->days, d->capacity, d->count + 1);
        memmove(&d->days[i + 1], &d->days[i], (d->count - i) * sizeof *d->days);
        d->days[i] = (struct export_day){.documents = 0};
        memcpy(d->days[i].date, date, sizeof date);
        d->count++;
        i++;
    }
    d->days[i - 1].documents++;
}

const struct export_day *export_days_list(const struct export_days *d, size_t *count)
{
    *count = d->count;
    return d->days;
}
