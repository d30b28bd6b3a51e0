/* The documented cadence, a first delay and then an interval, stretched so that the GETs last.
 *
 * The horizon H is the running mean of the jobs' own times. Of the GETs that are free now or come
 * free within H, one is kept back for each job in flight (at most half of them); the rest F is
 * spread over the J jobs: each is asked every H * J / F. As each poll plans the next one with what
 * is left then, too many polls now mean fewer later, and a steady flow settles a little below what
 * comes free.
 *
 * When nothing is left to spend, a job still is asked once a minute, or as often as half of the
 * limit allows where there are too many for that: none starves. */
#include "core/poll_planner_impl.h"

#include "base/require.h"

#include <math.h>

enum {
    COLD_HORIZON_MS = 10000, /* until a job has finished */
    MIN_HORIZON_MS = 5000,
    MAX_HORIZON_MS = 60000,
};
static const double SPENT = 0.8;   /* of what is left: results may come in a bunch */
static const double MEMORY = 0.02; /* weight of the newest job in the mean, once 50 are known */

struct fixed_planner {
    struct poll_planner planner;
    int64_t first_delay_ms, interval_ms;
    double mean_ms; /* of the jobs' processing times */
    int known;      /* jobs in the mean, up to 1 / MEMORY */
};

static int64_t fixed_horizon_ms(const struct poll_planner *p)
{
    const struct fixed_planner *f = (const struct fixed_planner *)p;
    if (f->known == 0)
        return COLD_HORIZON_MS;
    if (f->mean_ms < MIN_HORIZON_MS)
        return MIN_HORIZON_MS;
    return f->mean_ms > MAX_HORIZON_MS ? MAX_HORIZON_MS : (int64_t)f->mean_ms;
}

/* What the budget allows each job: a poll every so many ms. */
static int64_t affordable_ms(const struct fixed_planner *f, const struct poll_budget *budget)
{
    if (budget->get_per_minute == 0)
        return 0;
    double jobs = budget->jobs_in_flight > 0 ? (double)budget->jobs_in_flight : 1.0;
    double kept = fmin(jobs, budget->get_free / 2.0);
    double left = ((double)budget->get_free - kept) * SPENT;
    double every_ms = (double)fixed_horizon_ms(&f->planner) * jobs / fmax(left, 1.0);
    return (int64_t)fmin(every_ms, poll_slowest_ms(budget));
}

static struct mono fixed_next(struct poll_planner *p, struct poll_job *job,
                              const struct poll_budget *budget, struct mono now)
{
    const struct fixed_planner *f = (const struct fixed_planner *)p;
    int64_t affordable = affordable_ms(f, budget);
    int64_t cadence = job->polls == 0 ? f->first_delay_ms : f->interval_ms;
    struct mono since = job->polls == 0 ? job->accepted_at : now;
    return mono_max(now, mono_add(since, cadence > affordable ? cadence : affordable));
}

static void fixed_finished(struct poll_planner *p, const struct poll_job *job,
                           int64_t processing_ms)
{
    (void)job;
    struct fixed_planner *f = (struct fixed_planner *)p;
    if (f->known < (int)(1.0 / MEMORY))
        f->known++;
    f->mean_ms += ((double)processing_ms - f->mean_ms) / f->known;
}

struct poll_planner *poll_planner_new_fixed(int64_t first_delay_ms, int64_t interval_ms)
{
    REQUIRE(first_delay_ms >= 0 && interval_ms > 0);
    struct fixed_planner *f = xcalloc(1, sizeof *f);
    *f = (struct fixed_planner){
        .planner = {.next = fixed_next, .horizon_ms = fixed_horizon_ms, .finished = fixed_finished},
        .first_delay_ms = first_delay_ms,
        .interval_ms = interval_ms,
    };
    return &f->planner;
}
