/* zone_footer.h - the rule at the end of a TZif file, for times after its last transition: a POSIX
 * TZ string ("CET-1CEST,M3.5.0,M10.5.0/3") with the hours of -167 to 167 that RFC 9636 allows.
 * For zone.c alone. */
#ifndef MB_CALENDAR_ZONE_FOOTER_H
#define MB_CALENDAR_ZONE_FOOTER_H

#include "base/require.h"

#include <stdbool.h>
#include <stdint.h>

struct zone_footer_date {
    enum {
        FOOTER_JULIAN,     /* Jn: day 1 to 365, the 29th of February is never counted */
        FOOTER_DAY,        /* n: day 0 to 365 */
        FOOTER_MONTH_WEEK, /* Mm.w.d: week 5 is the month's last, day 0 a Sunday */
    } form;
    int month, week, day;
    int32_t time_s; /* after that day's midnight, by the clock that is then left */
};

struct zone_footer {
    bool there;                /* if not, nothing else means anything */
    bool changes;              /* two times a year; if not, STANDARD_S all year */
    int32_t standard_s, dst_s; /* east of UTC */
    struct zone_footer_date start, end;
};

/* What an offset may be (RFC 9636, 3.2): just under 25 hours west, 26 hours east. */
enum { ZONE_OFFSET_MIN_S = -89999, ZONE_OFFSET_MAX_S = 93599 };

/* The text between the two newlines; "" means that there is no rule. 0 or ERR_FORMAT. */
MUST_CHECK int zone_footer_parse(struct zone_footer *f, const char *text, size_t len);

/* Seconds east of UTC at UTC_S, seconds since 1970. */
int32_t zone_footer_offset(const struct zone_footer *f, int64_t utc_s);
/* The next change strictly after UTC_S; INT64_MAX if there is none. */
int64_t zone_footer_next(const struct zone_footer *f, int64_t utc_s);

#endif
