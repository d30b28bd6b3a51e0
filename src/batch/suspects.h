/* suspects.h - the first documents of a run: while nothing has gone well yet, what fails may be the
 * run's fault (a wrong model, a wrong option) and not the document's. The canary (core/canary.h)
 * says how many may be out meanwhile and when they all failed alike; then the run ends, and those
 * that failed go back into the queue: nothing was paid for them. It ends too when acceptances come
 * that can't be read: those documents stay in doubt. */
#ifndef MB_BATCH_SUSPECTS_H
#define MB_BATCH_SUSPECTS_H

#include "batch/flight.h"

struct suspects;

/* FIRST: limits.canary, 0: as many as one likes may be out. */
struct suspects *suspects_new(struct ending *ending, struct flights *flights, int first);
void suspects_free(struct suspects *s);

size_t suspects_room(const struct suspects *s, size_t out); /* for more uploads beside those OUT */

/* What came of an upload, and of a job. FAULT: it failed by a fault of the service's. */
void suspects_accepted(struct suspects *s);
void suspects_unreadable(struct suspects *s); /* 2xx, and no job id can be read in it */
void suspects_refused(struct suspects *s, const struct flight *f, const struct mindee_response *r);
void suspects_job_done(struct suspects *s);
void suspects_job_failed(struct suspects *s, const struct flight *f, bool fault,
                         const struct mindee_response *r);

bool suspects_any(const struct suspects *s);
/* Nothing more is sent: they failed on their own. */
void suspects_acquit(struct suspects *s);
/* Once the run has ended for a refusal: back into the queue with them. */
void suspects_turn(struct suspects *s, struct mono now);

#endif
