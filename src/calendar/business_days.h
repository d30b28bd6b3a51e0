/* business_days.h - which days are worked: all but the weekend's and the holidays.
 *
 *     struct business_days b;
 *     business_days_init(&b);                                   Saturday and Sunday, no holidays
 *     rc = business_days_parse_weekend(&b, "fri,sat", &e);
 *     rc = business_days_parse_holidays(&b, bytes, len, &e);    what the file holds
 *     business_days_release(&b);
 */
#ifndef MB_CALENDAR_BUSINESS_DAYS_H
#define MB_CALENDAR_BUSINESS_DAYS_H

#include "base/error.h"
#include "calendar/civil.h"

#include <stddef.h>

enum {
    HOLIDAYS_MAX = 10000,
    BUSINESS_DAY_NEAR = 31, /* days, within which business_day_near looks */
};

struct business_days {
    unsigned weekend;  /* bit 1 << enum weekday for each of its days; never all seven */
    int32_t *holidays; /* day numbers, ascending, each once; owned, NULL if there are none */
    size_t holiday_count;
};

void business_days_init(struct business_days *b);
void business_days_release(struct business_days *b); /* as after init */

/* Days separated by commas, "sat,sun" or "Friday, Saturday"; "none" or "" for no weekend. All seven
 * are refused. 0 or ERR_USAGE, with B as it was. */
MUST_CHECK int business_days_parse_weekend(struct business_days *b, const char *text,
                                           struct error *e);

/* A date a line ("2026-12-25"), with anything after a blank as its name; blank lines and what
 * follows a # don't count, the order doesn't matter, and a date may be there twice. Replaces the
 * holidays that were there. 0; ERR_FORMAT, naming the line; ERR_LIMIT (more than HOLIDAYS_MAX) or
 * ERR_MEMORY; B is as it was after an error. */
MUST_CHECK int business_days_parse_holidays(struct business_days *b, const void *bytes, size_t len,
                                            struct error *e);

bool business_day(const struct business_days *b, int64_t day);

/* The N-th (from 1) business day from FIRST on, or back from it with STEP -1, that isn't beyond
 * LAST: true, with its number in *OUT, or false if there aren't so many. */
bool business_day_count(const struct business_days *b, int64_t first, int64_t last, int step, int n,
                        int64_t *out);

/* DAY itself, or the nearest business day after it (STEP 1) or before it (STEP -1), at most
 * BUSINESS_DAY_NEAR days away: true, or false if there is none. */
bool business_day_near(const struct business_days *b, int64_t day, int step, int64_t *out);

#endif
