/* The planner's interface, the budget that all planners share, and what kind of document a job is
 * of. An implementation is a row of functions; poll_planner_fixed.c has the first. */
#include "core/poll_planner_impl.h"

#include "base/require.h"

#include <stdlib.h>

void poll_planner_free(struct poll_planner *p)
{
    free(p);
}

int64_t poll_planner_horizon_ms(const struct poll_planner *p)
{
    return p->horizon_ms(p);
}

struct mono poll_planner_next(struct poll_planner *p, const struct poll_job *job,
                              const struct poll_budget *budget, struct mono now)
{
    struct mono at = p->next(p, job, budget, now);
    REQUIRE(at.ms >= now.ms && at.ms < INT64_MAX);
    return at;
}

void poll_planner_finished(struct poll_planner *p, const struct poll_job *job,
                           int64_t processing_ms)
{
    if (processing_ms >= 0) /* the server's clock may say anything */
        p->finished(p, job, processing_ms);
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
