/* checks.h - the promises, held against what the server itself recorded. */
#ifndef MB_SIM_CHECKS_H
#define MB_SIM_CHECKS_H

#include "world.h"

#include "base/digest.h"

/* What was stored after the runs so far: it must stay. */
struct stored_so_far {
    bool stored[SIM_DOCUMENTS_MAX];
    uint8_t digest[SIM_DOCUMENTS_MAX][SHA256_BYTES];
};

/* After each run over the ledger, however it ended. */
void check_after_run(struct world *w, int ledger, struct stored_so_far *so_far);
/* When no further run would do anything. CRASHED: some run died. */
void check_at_end(struct world *w, int ledger, bool crashed);
/* A person asked for all that was in doubt. */
void check_none_in_doubt(struct world *w);
/* At most N in any 60 s, as the server saw them. */
void check_windows(struct world *w);
/* The loop turns when there is something to do, not all the time. */
void check_steps(struct world *w, int64_t steps, int requests, int64_t took_ms);
/* Faultless runs: not needlessly long. */
void check_makespan(struct world *w, int64_t took_ms);

#endif
