/* See job_capacity.h. What can be counted on is the present rate: when 429s halve it, the jobs it
 * covers halve too, and nothing is sent until so many have ended. */
#include "core/job_capacity.h"

uint32_t job_capacity_max(struct limiter *get, struct mono now)
{
    double minutes = JOB_CAPACITY_STORED_MIN / 2.0;
    if (get->limit == 0)
        return JOB_CAPACITY_JOBS_MAX;

    double jobs = limiter_counted_on_per_minute(get, now) * minutes / JOB_CAPACITY_GETS_EACH;
    if (jobs < 1.0)
        return 1;
    return jobs < JOB_CAPACITY_JOBS_MAX ? (uint32_t)jobs : JOB_CAPACITY_JOBS_MAX;
}
