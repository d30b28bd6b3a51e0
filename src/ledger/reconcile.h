/* reconcile.h - the file book and the ledger are of one moment. Private. */
#ifndef MB_LEDGER_RECONCILE_H
#define MB_LEDGER_RECONCILE_H

#include "ledger/private.h"

/* Compares the two. ERR_DAMAGED: they don't belong together. A writer mends what the end of an
 * earlier process, or a commit that failed, left between them. */
MUST_CHECK int reconcile(struct ledger *l);
/* Before a turn's commit: what it changed in both can be told from then on. */
MUST_CHECK int reconcile_note_turn(struct ledger *l);

#endif
