/* live_json.h - what the page shows besides the ledger's numbers: how fast it goes, what it waits for, what went wrong. */
#ifndef MB_MONITOR_LIVE_JSON_H
#define MB_MONITOR_LIVE_JSON_H

#include "monitor/failure_sums.h"
#include "monitor/observed.h"

/* An object, appended. SUMS: of each batch. */
void live_json_put(struct buffer *out, const struct observed *seen,
                   const struct failure_sums *sums);

#endif
