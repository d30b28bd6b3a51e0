/* deferred.h - what the ledger keeps in memory until the turn's commit, or until a statement asks for
 * it: documents' rows (row_cache.h), and what was spent (spending.c). */
#ifndef MB_LEDGER_DEFERRED_H
#define MB_LEDGER_DEFERRED_H

#include "ledger/private.h"

void deferred_begin(struct ledger *l);  /* of a writer */
void deferred_forget(struct ledger *l); /* it was rolled back */

#endif
