/* queue.h - queued documents in the order of sending, for those that change their rows. */
#ifndef MB_LEDGER_QUEUE_H
#define MB_LEDGER_QUEUE_H

#include "ledger/private.h"

/* ROW as it was when put, or is now. */
MUST_CHECK int queue_add(struct ledger *l, const struct document_row *row);
/* The same of a document just made. */
MUST_CHECK int queue_add_new(struct ledger *l, const struct document_row *row, int64_t size,
                             const void *sort_name, size_t sort_name_len);
MUST_CHECK int queue_remove(struct ledger *l, const struct document_row *row);

#endif
