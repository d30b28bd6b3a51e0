/* orphans.h - what orphans.c does for the rest of the ledger. Private to src/ledger. */
#ifndef MB_LEDGER_ORPHANS_H
#define MB_LEDGER_ORPHANS_H

#include "base/require.h"

struct ledger;

/* Those that are too old go, and the oldest while all together are too many bytes. */
MUST_CHECK int orphans_prune(struct ledger *l);

#endif
