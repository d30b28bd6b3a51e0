/* dismissals.h - a person settles documents by hand, between two runs: each that failed, was
 * rejected, is lost or in doubt, or some of them. */
#ifndef MB_SIM_DISMISSALS_H
#define MB_SIM_DISMISSALS_H

#include "world.h"

void dismissals_make(struct world *w, int ledger);

#endif
