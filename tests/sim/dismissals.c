/* See dismissals.h: as `mindee-batch dismiss` does it. */
#include "dismissals.h"

#include "base/require.h"
#include "batch/cut_off.h"
#include "ledger/document_ledger.h"
#include "ledger/ledger.h"
#include "ledger/listing.h"
#include "virtual_loop.h"

#include <stdio.h>
#include <unistd.h>

enum { PATH_ROOM = 256, MOST = 2 * SIM_FILES_MAX };

struct chosen {
    struct world *w;
    int64_t ids[MOST];
    int count;
};

static int choose(void *ctx, const struct ledger_listing *row)
{
    struct chosen *c = ctx;
    bool can = doc_state_can_be_dismissed(row->state) && !row->dismissed.ms;
    if (can && c->count < MOST && random_below(&c->w->random, 2))
        c->ids[c->count++] = row->document_id;
    return 0;
}

static int dismiss(struct ledger *l, int64_t id)
{
    struct ledger_document d;
    int err = ledger_document_get(l, id, &d);
    if (err)
        return err;
    const struct ledger_step s = {.document_id = id,
                                  .from = d.state,
                                  .to = d.state,
                                  .event = EV_DISMISS,
                                  .attempts = d.attempts,
                                  .attempt = d.attempt,
                                  .cause = "by hand"};
    bool again = d.dismissed; /* another file of it came first */
    ledger_document_release(&d);
    return again ? 0 : ledger_step(l, &s);
}

static int dismiss_some(struct world *w, struct ledger *l)
{
    struct chosen c = {.w = w};
    int err = cut_off_settle(l);
    if (!err)
        err = ledger_list(l, false, choose, &c);
    for (int i = 0; i < c.count && !err; i++)
        err = dismiss(l, c.ids[i]);
    return err ? err : ledger_commit(l);
}

void dismissals_make(struct world *w, int ledger)
{
    char path[PATH_ROOM], output[PATH_ROOM / 2];
    struct virtual_clock clock;
    struct ledger *l;
    struct error e;
    world_output(w, ledger, output, sizeof output);
    snprintf(path, sizeof path, "%s/ledger.db", output);
    if (access(path, F_OK) != 0 || world_disk_fails(w))
        return;
    virtual_clock_init(&clock, &w->mono_ms);
    const struct ledger_options o = {.path = path, .clock = &clock.clock};
    if (ledger_open(&l, &o, &e) < 0) {
        world_fail(w, "dismissing: %s", e.text);
        return;
    }
    if (dismiss_some(w, l) < 0)
        world_fail(w, "dismissing: %s", ledger_error(l)->text);
    ledger_close(l);
}
