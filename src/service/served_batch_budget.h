/* served_batch_budget.h - a served batch that a budget has stopped: it waits for a person. */
#ifndef MB_SERVICE_SERVED_BATCH_BUDGET_H
#define MB_SERVICE_SERVED_BATCH_BUDGET_H

#include "service/served_batch_state.h"

/* S's ledger is open: whether its budget, under the options that were read, holds what a run left, and
 * nothing else is to be done for it. */
MUST_CHECK int served_batch_is_held(struct served_batch *s, bool *held);
/* Once, when a run that stays has been stopped. */
void served_batch_tell_budget(struct served_batch *s);

#endif
