/* poll_planner_impl.h - what a poll planner is made of; for planners alone. */
#ifndef MB_CORE_POLL_PLANNER_IMPL_H
#define MB_CORE_POLL_PLANNER_IMPL_H

#include "core/poll_planner.h"

/* The first member of each planner's own struct, which free() frees as a whole. */
struct poll_planner {
    struct mono (*next)(struct poll_planner *p, const struct poll_job *job,
                        const struct poll_budget *budget, struct mono now);
    int64_t (*horizon_ms)(const struct poll_planner *p);
    void (*finished)(struct poll_planner *p, const struct poll_job *job, int64_t processing_ms);
};

#endif
