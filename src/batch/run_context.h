/* run_context.h - what every part of a run is given: where it runs, under which options, and the
 * modules below the parts. It is filled in while the run opens, and no part changes it. */
#ifndef MB_BATCH_RUN_CONTEXT_H
#define MB_BATCH_RUN_CONTEXT_H

#include "base/random.h"
#include "batch/options.h"
#include "core/poll_planner.h"
#include "ledger/ledger.h"
#include "net/loop.h"

struct run_context {
    const struct batch_options *options;
    struct loop *loop;
    const struct clock *clock;
    struct ledger *ledger;
    int64_t settings_id; /* of what this run sends */
    struct mindee_client *client;
    struct poll_planner *planner;
    struct random random;
    struct loop_timer *timer; /* the run's one timer; NULL before the start and after the end */
};

/* A turn will come, after the callbacks that are under way. */
void run_poke(const struct run_context *c);

#endif
