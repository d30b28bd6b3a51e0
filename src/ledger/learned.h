/* learned.h - what a run learned of how long jobs take. */
#ifndef MB_LEDGER_LEARNED_H
#define MB_LEDGER_LEARNED_H

#include "ledger/ledger.h"

/* What a run learned of a KIND of documents, for the next run with the same settings. Getting: 1
 * with *LEN bytes in OUT, 0 if there is nothing that fits into SIZE. */
MUST_CHECK int ledger_learned_put(struct ledger *l, int64_t settings, int kind, const void *bytes,
                                  size_t len);
MUST_CHECK int ledger_learned_get(struct ledger *l, int64_t settings, int kind, void *out,
                                  size_t size, size_t *len);

#endif
