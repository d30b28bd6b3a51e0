/* See held_turn.h. */
#include "held_turn.h"

#include "ledger/private.h"

static struct {
    enum held_fate (*decide)(void *ctx, bool *at_once);
    void *decide_ctx;
    struct ledger *ledger;
    void (*cb)(void *ctx, int rc); /* NULL: none is out */
    void *ctx;
    enum held_fate fate;
    bool at_once;
    int rc;
} held;

void held_turn_use(enum held_fate (*decide)(void *ctx, bool *at_once), void *ctx)
{
    held.decide = decide;
    held.decide_ctx = ctx;
    held.cb = NULL;
}

bool held_turn_is_out(void)
{
    return held.cb != NULL;
}

/* As if the connection were gone: what isn't committed is taken back, and nothing can be written. */
static int lose(struct ledger *l, const char *why)
{
    error_set(&l->db.failure, ERR_IO, "%s", why);
    l->db.error = l->db.failure;
    database_rollback(&l->db);
    return ERR_IO;
}

int64_t ledger_turn(struct ledger *l, void (*cb)(void *ctx, int rc), void *ctx)
{
    REQUIRE(held.cb == NULL);
    held.ledger = l;
    held.cb = cb;
    held.ctx = ctx;
    held.at_once = true;
    held.fate = held.decide ? held.decide(held.decide_ctx, &held.at_once) : HELD_DURABLE;
    if (held.fate == HELD_REFUSED && ledger_dirty(l)) {
        held.rc = lose(l, "the ledger refused the turn");
        return l->totals.n[COUNT_TURNS] + 1;
    }
    held.rc = ledger_commit(l);
    return l->totals.n[COUNT_TURNS];
}

void held_turn_tell(void)
{
    void (*cb)(void *ctx, int rc) = held.cb;
    REQUIRE(cb != NULL);
    held.cb = NULL;
    if (held.fate == HELD_ANSWER_LOST && held.rc == 0)
        held.rc = lose(held.ledger, "the ledger's answer got lost");
    cb(held.ctx, held.rc);
}

void ledger_turn_end(struct ledger *l)
{
    (void)l;
    if (held.cb && held.at_once)
        held_turn_tell();
}
