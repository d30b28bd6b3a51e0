/* See turn.h. Of SQLite it is known at once: the commit is on the disk when the call returns. It is
 * told at the end of the turn all the same, so that nobody relies on knowing sooner.
 *
 * Only what another engine does otherwise stands here, so that a test can put one in its place
 * (tests/lib/held_turn.h). */
#include "ledger/turn.h"
#include "ledger/private.h"

int64_t ledger_turn(struct ledger *l, void (*cb)(void *ctx, int rc), void *ctx)
{
    REQUIRE(l->turn.cb == NULL);
    l->turn.cb = cb;
    l->turn.ctx = ctx;
    l->turn.rc = ledger_commit(l);
    return l->totals.n[COUNT_TURNS];
}

void ledger_turn_end(struct ledger *l)
{
    void (*cb)(void *ctx, int rc) = l->turn.cb;
    if (!cb)
        return;
    l->turn.cb = NULL;
    cb(l->turn.ctx, l->turn.rc);
}
