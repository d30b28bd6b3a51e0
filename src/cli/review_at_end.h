/* review_at_end.h - what a run leaves for a person, found when its last document is stored. */
#ifndef MB_CLI_REVIEW_AT_END_H
#define MB_CLI_REVIEW_AT_END_H

#include "batch/options.h"
#include "config/config.h"
#include "ledger/summary.h"

/* Brings review.db up to date and counts. A run that ended with EXIT_CODE and changed something becomes an entry of
 * the audit trail; below 0: it goes on. Nothing of this makes a run fail: what can't be done is logged, and OUT isn't known
 * then, nor where review.enabled is no. */
void review_at_end(const struct config *c, const struct batch_options *o, int exit_code,
                   struct summary_review *out);

#endif
