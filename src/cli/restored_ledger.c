/* See restored_ledger.h. */
#include "cli/restored_ledger.h"

#include "limits/ledger_memory.h"

/* The ledger's commit comes first: interrupted, the same command is to be given again. */
static int hold(struct ledger *l, struct ledger_memory *m, int64_t remembered,
                const struct clock *clock, struct ledger_held *held, struct error *e)
{
    int64_t attempts = 0;
    int rc = ledger_hold_restored(l, remembered, held);
    if (rc == 0)
        rc = ledger_attempts(l, &attempts);
    if (rc == 0)
        rc = ledger_commit(l);
    if (rc < 0) {
        *e = *ledger_error(l);
        return rc;
    }
    return ledger_memory_note(m, attempts, clock_mono(clock), e);
}

int restored_ledger(const struct batch_options *o, const struct clock *clock,
                    struct ledger_held *held, struct error *e)
{
    struct ledger_options lo = {.path = o->ledger, .clock = clock};
    struct ledger *l;
    struct ledger_memory *memory = NULL;
    int64_t remembered;
    int rc = ledger_open(&l, &lo, e);
    if (rc < 0)
        return rc;
    rc = ledger_memory_open(&memory, o->limit_state, ledger_id(l), &remembered, e);
    if (rc == 0)
        rc = hold(l, memory, remembered, clock, held, e);
    ledger_memory_close(memory);
    ledger_close(l);
    return rc;
}
