/* history_json.h - what `explain --json` prints of one document, and /api/v1/documents/N serves. */
#ifndef MB_MONITOR_HISTORY_JSON_H
#define MB_MONITOR_HISTORY_JSON_H

#include "ledger/ledger.h"

/* An object on one line, appended. ERR_NOT_FOUND: there is no such document. */
MUST_CHECK int history_json_put(struct buffer *out, struct ledger *l, int64_t document);

#endif
