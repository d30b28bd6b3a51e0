/* opening.h - what a run needs on disk: the output directory, the directories that inputs are moved
 * to, the ledger with its settings and roots. */
#ifndef MB_BATCH_OPENING_H
#define MB_BATCH_OPENING_H

#include "batch/run_context.h"

/* Fills in c->ledger and c->settings_id, and the ids of the options' roots. An error says what to
 * do (ERR_PASSING: to wait, a move directory can't be reached for now); c->ledger may be open then. */
MUST_CHECK int opening_ledger(struct run_context *c, struct error *e);

/* Whether a run of these options would be refused for what L, which is only read, knows of its
 * PATHs: 0, or the error that the run would end with. */
MUST_CHECK int opening_check(struct ledger *l, const struct batch_options *o, struct error *e);

#endif
