/* turn.h - all writes of a turn made durable in one go, and who waits for that is called.
 *
 *   n = ledger_turn(l, cb, ctx);   begins it; n counts them
 *   ledger_turn_end(l);            at the end of the loop's turn: CB, if it is known by then
 *
 * CB is never called from ledger_turn: it comes from ledger_turn_end, or later from the loop, where the
 * ledger is another machine's. One turn may be outstanding; what is written meanwhile goes with the
 * next. Nothing may be acted on before its turn's CB.
 *
 * RC is 0: it is durable. Less: nobody knows. Then ledger_recover, and ledger_turns tells whether it is:
 * if it has counted it; what was written since is to be written again either way. */
#ifndef MB_LEDGER_TURN_H
#define MB_LEDGER_TURN_H

#include "ledger/ledger.h"

int64_t ledger_turn(struct ledger *l, void (*cb)(void *ctx, int rc), void *ctx);
void ledger_turn_end(struct ledger *l);

/* The number of the newest turn that is durable. */
MUST_CHECK int ledger_turns(struct ledger *l, int64_t *number);

#endif
