/* upgrade.h - an older ledger becomes two books. Private. */
#ifndef MB_LEDGER_UPGRADE_H
#define MB_LEDGER_UPGRADE_H

#include "store/database.h"

/* D: the ledger alone, at VERSION (0: empty). Keeps a copy of one made by 0.1.0, PATH.0.1.0, and
 * brings it to SCHEMA_VERSION, with its file book beside it. D is closed then. */
MUST_CHECK int upgrade(struct database *d, int version, struct error *e);

#endif
