/* report_at_end.h - the page that a run leaves for people. */
#ifndef MB_CLI_REPORT_AT_END_H
#define MB_CLI_REPORT_AT_END_H

#include "batch/options.h"

/* Makes the report of the newest run's period, or else of all there is; its path is appended to PLACE. BATCH NULL or
 * "": it has no name. Nothing of this makes a run fail: what can't be done is logged, and PLACE stays as it was, as it does
 * where report.enabled is no. */
void report_at_end(const struct config *c, const struct batch_options *o, const char *batch,
                   struct buffer *place);

#endif
