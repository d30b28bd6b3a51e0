/* See month.h. Where the clocks go back over midnight at a month's turn, the first time that they
 * show the new month's first day is its beginning. */
#include "calendar/month.h"

#include <stdio.h>

static struct wall first_of(const struct zone *z, int64_t number)
{
    int64_t days = civil_month_start(number);
    return z ? zone_find(z, civil_from_days(days), 0, NULL)
             : (struct wall){days * SECONDS_A_DAY * 1000};
}

struct month month_of(const struct zone *z, struct wall at)
{
    int64_t offset_ms = z ? zone_offset(z, at) * INT64_C(1000) : 0;
    int64_t number =
        civil_month_number(floor_div(at.ms + offset_ms, (int64_t)SECONDS_A_DAY * 1000));
    struct month m = {.from = first_of(z, number), .until = first_of(z, number + 1)};
    while (at.ms >= m.until.ms) /* it is shown once more after it was over */
        m = (struct month){.from = m.until, .until = first_of(z, ++number + 1)};
    struct civil first = civil_from_days(civil_month_start(number));
    snprintf(m.name, sizeof m.name, "%d-%02d", first.year, first.month);
    return m;
}
