/* report_at_end.h - the page that a run leaves for people. */
#ifndef MB_CLI_REPORT_AT_END_H
#define MB_CLI_REPORT_AT_END_H

#include "batch/options.h"

/* Makes the report of the newest run's period, or else of all there is; its path is appended to PLACE, which stays as it
 * was after an error, and where report.enabled is no. BATCH NULL or "": it has no name. Nothing of this makes a run fail: the
 * caller says what went wrong. May be called on a thread: the ledger and review.db are read by connections of their own. */
MUST_CHECK int report_at_end(const struct config *c, const struct batch_options *o,
                             const char *batch, struct buffer *place, struct error *e);

#endif
