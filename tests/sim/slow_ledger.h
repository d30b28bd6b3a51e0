/* slow_ledger.h - what the seed makes of a run's turns: they take up to half a second, are refused, or
 * their answers get lost (held_turn.h). While one is out, the server's checks see the ledger as it was
 * when the last one was told of: nothing may leave that relies on more. */
#ifndef MB_SIM_SLOW_LEDGER_H
#define MB_SIM_SLOW_LEDGER_H

#include "net/loop.h"
#include "world.h"

void slow_ledger_begin(struct world *w, struct loop *loop, uint64_t seed);
void slow_ledger_end(void);

#endif
