/* state_mark.h - what tells one state of a ledger from another. */
#ifndef MB_LEDGER_STATE_MARK_H
#define MB_LEDGER_STATE_MARK_H

#include "base/buffer.h"
#include "ledger/ledger.h"

/* Appends a line or more. Where they are the same nothing has happened since to a document or a file: only
 * how many turns the ledger took, and that runs began and ended, isn't in them. */
MUST_CHECK int ledger_state_mark(struct ledger *l, struct buffer *out);

#endif
