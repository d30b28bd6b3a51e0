/* passed_over.h - how many names the walks of a run left out for the user's options: the number that
 * `left_out` tells. As the last walk over all PATHs saw it, with what was walked again since because
 * it couldn't be read then; into the ledger when such a walk has ended, if it is another. */
#ifndef MB_BATCH_PASSED_OVER_H
#define MB_BATCH_PASSED_OVER_H

#include "batch/run_context.h"
#include "intake/intake.h"

struct passed_over {
    struct left_out left_out;
    bool known; /* a walk over all PATHs has ended */
    bool unsaved;
};

void passed_over_walk_begins(struct passed_over *p); /* over all PATHs */
void passed_over_walk_ended(struct passed_over *p, const struct intake_walk *walk);
/* FINAL: at the run's end, also what was written before. */
void passed_over_save(struct passed_over *p, struct run_context *c, bool final);
void passed_over_release(struct passed_over *p);

#endif
