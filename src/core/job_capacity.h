/* job_capacity.h - how many jobs may be in flight
 * so that each result is fetched before it expires. Pure.
 *
 * A job needs a GET that finds it done and one that fetches its result; one more is allowed for
 * asking too early. A result is kept for an hour at least. So jobs in flight never need more GETs
 * than half an hour brings: if all of them ended now, the last result would be fetched with half
 * its time left, for a restart, a refused minute or a service that is down for a while.
 *
 * While jobs are quick this is far away (12,000 jobs at 1,200 GETs a minute), and another bound
 * holds: what is kept in memory. When processing slows, or GETs are few or refused, uploads slow
 * down to the speed at which jobs end and are fetched. */
#ifndef MB_CORE_JOB_CAPACITY_H
#define MB_CORE_JOB_CAPACITY_H

#include "core/limiter.h"

enum {
    JOB_CAPACITY_STORED_MIN = 60, /* minutes: the shortest storage time that a model can have */
    JOB_CAPACITY_GETS_EACH = 3,   /* of a job in a crowd, its result included */
    JOB_CAPACITY_JOBS_MAX = 4096, /* for memory's sake: 20 minutes of uploads at Mindee's limit */
};

/* Jobs that may be in flight with the GETs that can be counted on at NOW. At least 1. */
uint32_t job_capacity_max(struct limiter *get, struct mono now);

#endif
