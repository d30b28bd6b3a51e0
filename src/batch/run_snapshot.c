/* See snapshot.h. */
#include "batch/oldest_job.h"
#include "batch/run_internal.h"

void batch_snapshot(struct batch *b, struct batch_snapshot *out)
{
    struct mono now = clock_mono(b->context.clock);
    *out = (struct batch_snapshot){.oldest_job_ms = -1};
    if (ledger_totals(b->context.ledger, &out->counts) < 0)
        return;
    out->known = true;
    batch_progress(b, &out->progress);
    pace_measure(b->pace, PACE_POST, &out->limits[PACE_POST]);
    pace_measure(b->pace, PACE_GET, &out->limits[PACE_GET]);
    out->oldest_job_ms = flights_oldest_job_ms(b->flights, now);
    out->ledger_fails = journal_down(b->journal);
    out->limits_fail = pace_lost(b->pace);
    out->service_down = pace_service_down(b->pace);
}

struct webhook_router *batch_webhook_router(const struct batch *b)
{
    return receive_router(b->receive);
}
