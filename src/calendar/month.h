/* month.h - the calendar month that an instant is in, by the clocks of a zone. */
#ifndef MB_CALENDAR_MONTH_H
#define MB_CALENDAR_MONTH_H

#include "calendar/zone.h"

enum { MONTH_NAME_MAX = 16 };

struct month {
    struct wall from, until;   /* the first instant of it, and of the next one */
    char name[MONTH_NAME_MAX]; /* "2026-11" */
};

/* Z NULL: UTC. */
struct month month_of(const struct zone *z, struct wall at);

#endif
