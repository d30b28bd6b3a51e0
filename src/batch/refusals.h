/* refusals.h - answers that say "too many requests" (429), told to the log once with their count.
 *
 * They come in heaps: what is on its way when the limit is met is refused with the rest. So a line
 * waits a second for those that follow, and the next one of the same kind comes a minute later at
 * the earliest. */
#ifndef MB_BATCH_REFUSALS_H
#define MB_BATCH_REFUSALS_H

#include "base/clock.h"

#include <stdbool.h>

struct refusals {
    const char *kind, *what; /* for programs and for people, as in "post" and "uploads" */
    int64_t count;           /* not said yet */
    int64_t longest_ms;      /* that one of these asked us to wait; -1: none said how long */
    int64_t rate_per_minute; /* what is sent from now on, at most; -1: as before */
    struct mono due;         /* of the line; MONO_NEVER: there is none to say */
    struct mono not_before;  /* the next line */
};

void refusals_init(struct refusals *r, const char *kind, const char *what);
void refusals_heard(struct refusals *r, struct mono now, int64_t retry_after_ms,
                    int64_t rate_per_minute);
/* Says what is due by NOW; MONO_NEVER: all that isn't said yet. */
void refusals_say(struct refusals *r, struct mono now);

#endif
