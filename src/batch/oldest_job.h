/* oldest_job.h - of the flights: how long Mindee has had what it isn't done with. */
#ifndef MB_BATCH_OLDEST_JOB_H
#define MB_BATCH_OLDEST_JOB_H

#include "base/clock.h"

struct flights;

/* -1: it has nothing. */
int64_t flights_oldest_job_ms(const struct flights *fl, struct mono now);

#endif
