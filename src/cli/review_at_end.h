/* review_at_end.h - what a run leaves for a person, found when its last document is stored. */
#ifndef MB_CLI_REVIEW_AT_END_H
#define MB_CLI_REVIEW_AT_END_H

#include "batch/options.h"
#include "config/config.h"
#include "ledger/summary.h"

/* Brings review.db up to date and counts. A run that ended with EXIT_CODE and changed something becomes an entry of
 * the audit trail; below 0: it goes on. Nothing of this makes a run fail: after an error, which is for the log, OUT isn't
 * known, nor is it where review.enabled is no. Beside a batch at work it may be called on another thread. */
MUST_CHECK int review_at_end(const struct config *c, const struct batch_options *o, int exit_code,
                             struct summary_review *out, struct error *e);

#endif
