/* poll_planner_impl.h - what a poll planner is made of; for planners alone. */
#ifndef MB_CORE_POLL_PLANNER_IMPL_H
#define MB_CORE_POLL_PLANNER_IMPL_H

#include "core/poll_planner.h"

/* The first member of each planner's own struct, which free() frees as a whole.
 * What isn't set does nothing. */
struct poll_planner {
    struct mono (*next)(struct poll_planner *p, struct poll_job *job,
                        const struct poll_budget *budget, struct mono now);
    struct mono (*due)(struct poll_planner *p, struct poll_job *job,
                       const struct poll_budget *budget, struct mono now);
    int64_t (*horizon_ms)(const struct poll_planner *p);
    void (*running)(struct poll_planner *p, struct poll_job *job, struct mono at);
    void (*finished)(struct poll_planner *p, const struct poll_job *job, int64_t processing_ms);
    void (*gone)(struct poll_planner *p, struct poll_job *job);
    size_t (*remember)(struct poll_planner *p, int size_class, uint8_t out[POLL_MEMORY_BYTES]);
    void (*recall)(struct poll_planner *p, int size_class, const void *bytes, size_t len);

    double overdue_ms; /* when the next of many overdue polls has its turn */
};

/* No job waits longer for a poll: a minute, or as long as half of the limit makes it where there
 * are too many jobs for that. */
double poll_slowest_ms(const struct poll_budget *budget);

#endif
