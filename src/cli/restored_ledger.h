/* restored_ledger.h - what `ledger restored --yes` does, but for its words: a ledger that was put back
 * from a backup goes on, what may have been sent since is held (ledger/restored.h), and it is noted
 * in limits.state. Interrupted, it is to be done again. */
#ifndef MB_CLI_RESTORED_LEDGER_H
#define MB_CLI_RESTORED_LEDGER_H

#include "batch/batch.h"
#include "ledger/restored.h"

MUST_CHECK int restored_ledger(const struct batch_options *o, const struct clock *clock,
                               struct ledger_held *held, struct error *e);

#endif
