/* The planner's interface, the budget that all planners share, and what kind of document a job is
 * of. An implementation is a row of functions: poll_planner_fixed.c, poll_planner_learned.c. */
#include "core/poll_planner_impl.h"

#include "base/require.h"

#include <math.h>
#include <stdlib.h>

enum {
    MAX_INTERVAL_MS = 60000,
    OVERDUE_GETS = 2,      /* a poll that is overdue finds a result */
    OVERDUE_AT_ONCE = 100, /* before they go by turns */
};

void poll_planner_free(struct poll_planner *p)
{
    free(p);
}

int64_t poll_planner_horizon_ms(const struct poll_planner *p)
{
    return p->horizon_ms(p);
}

double poll_slowest_ms(const struct poll_budget *budget)
{
    if (budget->get_per_minute == 0)
        return MAX_INTERVAL_MS;
    double crowd = 2.0 * budget->jobs_in_flight / budget->get_per_minute;
    return MAX_INTERVAL_MS * fmax(1, crowd);
}

struct mono poll_planner_next(struct poll_planner *p, struct poll_job *job,
                              const struct poll_budget *budget, struct mono now)
{
    struct mono at = p->next(p, job, budget, now);
    REQUIRE(at.ms >= now.ms && at.ms < INT64_MAX);
    return at;
}

struct mono poll_planner_due(struct poll_planner *p, struct poll_job *job,
                             const struct poll_budget *budget, struct mono now)
{
    return p->due ? p->due(p, job, budget, now) : now;
}

/* Turns come as fast as the limit lets polls and their results go. */
struct mono poll_planner_overdue(struct poll_planner *p, const struct poll_budget *budget,
                                 struct mono now)
{
    if (budget->get_per_minute == 0)
        return now;
    double each_ms = 60000.0 * OVERDUE_GETS / budget->get_per_minute;
    p->overdue_ms = fmax(p->overdue_ms, (double)now.ms - OVERDUE_AT_ONCE * each_ms) + each_ms;
    return mono_max(now, (struct mono){(int64_t)p->overdue_ms});
}

void poll_planner_running(struct poll_planner *p, struct poll_job *job, struct mono at)
{
    if (p->running)
        p->running(p, job, at);
}

void poll_planner_finished(struct poll_planner *p, const struct poll_job *job,
                           int64_t processing_ms)
{
    if (processing_ms >= 0) /* the server's clock may say anything */
        p->finished(p, job, processing_ms);
}

void poll_planner_gone(struct poll_planner *p, struct poll_job *job)
{
    if (p->gone)
        p->gone(p, job);
}

size_t poll_planner_remember(struct poll_planner *p, int size_class, uint8_t out[POLL_MEMORY_BYTES])
{
    return p->remember ? p->remember(p, size_class, out) : 0;
}

void poll_planner_recall(struct poll_planner *p, int size_class, const void *bytes, size_t len)
{
    if (p->recall && size_class >= 0 && size_class < POLL_SIZE_CLASSES)
        p->recall(p, size_class, bytes, len);
}

bool poll_may_go(uint32_t get_room, uint32_t polls_out, uint32_t results_waiting)
{
    uint64_t needed = (uint64_t)polls_out + results_waiting + 2; /* itself, and its result */
    return get_room >= needed;
}

/* Classes by powers of two of the pages: 1, 2-3, 4-7, ... 32 and more; where nobody counted, a page
 * for each 100 KB. */
int poll_size_class(int pages, int64_t size_bytes)
{
    int64_t n = pages > 0 ? pages : size_bytes / 100000;
    int class = 0;
    while (class < POLL_SIZE_CLASSES - 1 && n > 1) {
        n /= 2;
        class ++;
    }
    return class;
}
