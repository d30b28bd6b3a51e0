/* See supply.h. The rate is the present one: when 429s halve it, the jobs it covers halve too, and
 * nothing is sent until so many have ended. */
#include "core/supply.h"

uint32_t supply_jobs_max(const struct limiter *get)
{
    double per_minute = limiter_rate_per_minute(get);
    double others = (double)get->others.total + get->others_out;
    double minutes = SUPPLY_STORED_MIN / 2.0;
    if (get->limit == 0)
        return SUPPLY_JOBS_MAX;

    double jobs = (per_minute - others) * minutes / SUPPLY_GETS_EACH;
    if (jobs < 1.0)
        return 1;
    return jobs < SUPPLY_JOBS_MAX ? (uint32_t)jobs : SUPPLY_JOBS_MAX;
}
