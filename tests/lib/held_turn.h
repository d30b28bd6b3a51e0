/* held_turn.h - an engine behind ledger/turn.h that takes its time, refuses, and whose answers get lost, for
 * tests that link it (its definitions stand before those of the ledger). The writes are SQLite's all
 * the same; what it makes of a turn is decided when that begins.
 *
 *     held_turn_use(decide, ctx);     NULL: as SQLite does it
 *     ...
 *     held_turn_tell();               if DECIDE said that it comes later
 *
 * HELD_DURABLE: it is committed. HELD_REFUSED: it is taken back, and so far as anybody knows that is
 * what the answer says. HELD_ANSWER_LOST: it is committed, nobody hears of it, and with the
 * connection goes what was written since. */
#ifndef MB_TESTS_HELD_TURN_H
#define MB_TESTS_HELD_TURN_H

#include "ledger/turn.h"

enum held_fate { HELD_DURABLE, HELD_REFUSED, HELD_ANSWER_LOST };

/* DECIDE(ctx, &at_once): what becomes of the turn; at_once: it is known at the loop's turn's end. */
void held_turn_use(enum held_fate (*decide)(void *ctx, bool *at_once), void *ctx);
bool held_turn_is_out(void);
void held_turn_tell(void);

#endif
