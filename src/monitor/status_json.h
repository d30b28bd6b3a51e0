/* status_json.h - what `status --json` prints of one batch, and /api/v1/status serves: the numbers of summary.json, and
 * besides who is at work, the budgets, the scheduled runs. */
#ifndef MB_MONITOR_STATUS_JSON_H
#define MB_MONITOR_STATUS_JSON_H

#include "batch/options.h"
#include "ledger/summary.h"

/* The object without its closing brace: more may follow. HOLDER: who is at work; NULL: nobody is. BUDGET: an object;
 * NULL: of a period, which has none. */
MUST_CHECK int status_json_open(struct buffer *out, struct ledger *l, const struct summary *s,
                                const char *budget, const char *holder);
/* The whole of it, read at once. */
MUST_CHECK int status_json_put(struct buffer *out, struct ledger *l, const struct batch_options *o,
                               struct error *e);

#endif
