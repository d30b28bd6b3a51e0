/* snapshot.h - a batch at a moment, in numbers that are in memory anyway. */
#ifndef MB_BATCH_SNAPSHOT_H
#define MB_BATCH_SNAPSHOT_H

#include "batch/pace.h"
#include "batch/progress.h"

struct batch_snapshot {
    bool known;                  /* false: nothing below is */
    struct ledger_counts counts; /* without its times */
    struct batch_progress progress;
    struct pace_measure limits[2]; /* by pace_kind */
    int64_t oldest_job_ms;         /* -1: there is none */
    bool ledger_fails;             /* it can't be written for now */
    bool limits_fail;              /* what is sent can't be noted */
    bool service_down;
};

#endif
