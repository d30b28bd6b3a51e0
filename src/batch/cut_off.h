/* cut_off.h - what a run that was cut off left on the wire, for a command that has the ledger when no
 * run is at work: whether Mindee has it nobody knows, so it is in doubt, as the next run would find it. */
#ifndef MB_BATCH_CUT_OFF_H
#define MB_BATCH_CUT_OFF_H

#include "ledger/ledger.h"

/* To be committed. One whose job is known to have failed is left to the next run. */
MUST_CHECK int cut_off_settle(struct ledger *l);

#endif
