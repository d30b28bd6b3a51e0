/* zone.h - a time zone as a value: what the clocks of a place show at an instant, and when they
 * show a given time.
 *
 * It is made from the bytes of a TZif file, the compiled form of the IANA time zone database
 * (RFC 9636, versions 1 to 4); whoever has the file reads it (config/zone_file.h). A struct zone
 * holds no pointers: it is copied by assignment, needs no release, and any number of them live side
 * by side. It takes some 24 KB, so it belongs into a larger struct on the heap.
 *
 *     struct zone z;
 *     zone_init_utc(&z);                          or: rc = zone_parse(&z, bytes, len, &e);
 *     struct wall at = zone_find(&z, day, 18 * 60, &fit);
 *     zone_show(&z, at, &time);
 */
#ifndef MB_CALENDAR_ZONE_H
#define MB_CALENDAR_ZONE_H

#include "base/clock.h"
#include "base/error.h"
#include "calendar/civil.h"
#include "calendar/zone_footer.h"

#include <stddef.h>

enum { ZONE_CHANGES_MAX = 2000, ZONE_TIME_TEXT_MAX = 48 };

/* Changes of the offset that the file lists. After the last one the footer holds,
 * if there is one. */
struct zone {
    size_t count;
    int64_t at[ZONE_CHANGES_MAX];       /* UTC, seconds since 1970, strictly ascending */
    int32_t offset_s[ZONE_CHANGES_MAX]; /* from then on; seconds east of UTC */
    int32_t first_offset_s;             /* before the first */
    struct zone_footer footer;
};

/* What the clocks show. */
struct zone_time {
    struct civil date;
    int hour, minute, second;
    int32_t offset_s; /* east of UTC */
};

/* How a time of day met its day. */
enum zone_fit {
    ZONE_ONCE,
    ZONE_SKIPPED, /* the clocks went forward over it: the first instant after it was taken */
    ZONE_TWICE,   /* they went back over it: the first of the two was taken */
};

void zone_init_utc(struct zone *z);

/* Any bytes: 0, ERR_FORMAT (not a TZif file, cut short, contradicts itself, or counts leap seconds)
 * or ERR_LIMIT (more than ZONE_CHANGES_MAX changes). Z is UTC after an error. */
MUST_CHECK int zone_parse(struct zone *z, const void *bytes, size_t len, struct error *e);

/* Seconds east of UTC. */
int32_t zone_offset(const struct zone *z, struct wall at);

void zone_show(const struct zone *z, struct wall at, struct zone_time *out);

/* The first instant at which the clocks show DATE and MINUTE (0 to 1439, since midnight) or a later
 * time. That is the one instant that is meant, the first of two, or, for a time that doesn't exist,
 * the next instant: when the clocks jumped over it. A later time never gives an earlier instant.
 * DATE is any day of the years 1 to 10000; FIT may be NULL. */
struct wall zone_find(const struct zone *z, struct civil date, int minute, enum zone_fit *fit);

/* "MON 2026-11-30 18:00 +01:00", with seconds if there are any. Returns OUT. */
const char *zone_time_format(const struct zone_time *t, char out[ZONE_TIME_TEXT_MAX]);

#endif
