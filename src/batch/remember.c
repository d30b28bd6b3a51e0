/* See remember.h. The number is taken when a commit begins, for what is noted while it is out isn't
 * in it, and noted when that is durable, before what waited for it is sent: the ledger itself never
 * has fewer than are remembered, whenever the process dies, and a copy from before an upload always
 * has.
 *
 * A note that can't be written ends the run: it is the disk, or somebody took the directory away. */
#include "batch/remember.h"

#include "base/text.h"
#include "batch/exit_code.h"
#include "ledger/restored.h"
#include "limits/ledger_memory.h"

#include <inttypes.h>
#include <stdlib.h>

struct remember {
    const struct run_context *context;
    struct ending *ending;
    struct ledger_memory *memory; /* NULL: not open */
    int64_t attempts;             /* at the commit that began last; -1: not known */
};

struct remember *remember_new(struct run_context *c, struct ending *ending)
{
    struct remember *r = xcalloc(1, sizeof *r);
    r->context = c;
    r->ending = ending;
    return r;
}

void remember_free(struct remember *r)
{
    if (r)
        ledger_memory_close(r->memory);
    free(r);
}

#define WAY_OUT                                                                                    \
    "nothing was sent; put the newer ledger back, or go on with `mindee-batch ledger restored "    \
    "--yes`, which holds in doubt what may have been sent since"

static int check(struct remember *r, int64_t remembered, int64_t had, struct error *e)
{
    const char *path = text_show(r->context->options->ledger);
    struct ledger *l = r->context->ledger;
    if (had < remembered)
        return error_set(e, ERR_DAMAGED,
                         "%s was restored from a backup or copied: it knows of %" PRId64
                         " of %" PRId64 " uploads; " WAY_OUT,
                         path, had, remembered);
    if (remembered < 0 && ledger_is_copy(l))
        return error_set(
            e, ERR_DAMAGED,
            "%s was restored from a backup, and limits.state doesn't know how much was "
            "sent after it; " WAY_OUT,
            path);
    return 0;
}

/* One that was never seen here is known from its first run on, whether that sends anything or not: a
 * backup of it that comes back is then known to miss nothing. */
static void get_to_know(struct remember *r, int64_t had)
{
    struct error e;
    if (ledger_memory_note(r->memory, had, clock_mono(r->context->clock), &e) < 0) {
        /* Noted again before the first upload, and that ends the run if it can't be. */
    }
}

int remember_open(struct remember *r, struct error *e)
{
    const struct run_context *c = r->context;
    int64_t remembered, had = 0;
    int err = ledger_memory_open(&r->memory, c->options->limit_state, ledger_id(c->ledger),
                                 &remembered, e);
    if (!err) {
        err = ledger_attempts(c->ledger, &had);
        if (err)
            *e = *ledger_error(c->ledger);
    }
    if (!err)
        err = check(r, remembered, had, e);
    if (!err && remembered < 0)
        get_to_know(r, had);
    if (!err && ledger_is_copy(c->ledger)) {
        err = ledger_go_on(c->ledger);
        if (err)
            *e = *ledger_error(c->ledger);
    }
    return err;
}

void remember_seal(struct remember *r)
{
    if (!ending_wrote(r->ending, ledger_attempts(r->context->ledger, &r->attempts)))
        r->attempts = -1;
}

void remember_commit(struct remember *r, struct mono now)
{
    struct error e;
    if (r->attempts >= 0 && ledger_memory_note(r->memory, r->attempts, now, &e) < 0)
        ending_early(r->ending, EXIT_RESUMABLE,
                     "%s: what was sent can't be noted: repair limits.state, then run the same "
                     "command again",
                     e.text);
}
