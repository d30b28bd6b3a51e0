/* See recorded_run.h. A ledger is only read: no lock is taken, and what is stored while it is read isn't
 * looked at. */
#include "cli/recorded_run.h"

#include "base/buffer.h"
#include "base/text.h"
#include "ledger/handovers.h"
#include "ledger/stored_results.h"

#include <sys/stat.h>

struct reading {
    int (*each)(void *ctx, const struct run_result *r);
    void *ctx;
    int rc; /* of EACH */
};

static int read_one(void *ctx, const struct ledger_stored *s)
{
    struct reading *r = ctx;
    const struct run_result result = {.sha256 = s->sha256, .json = s->json, .len = s->json_len};
    r->rc = r->each(r->ctx, &result);
    return 0;
}

static int read_all(struct ledger *l, struct reading *r, struct error *e)
{
    struct ledger_stored_filter filter = {.period = NULL};
    struct ledger_stored_list list = {.count = 0};
    int rc = ledger_last_result(l, &filter.upto);
    if (rc >= 0)
        rc = ledger_stored_list(l, &filter, &list);
    for (size_t i = 0; i < list.count && rc >= 0 && r->rc == 0; i++) {
        rc = ledger_stored_get(l, list.documents[i], read_one, r);
        rc = rc == ERR_NOT_FOUND ? 0 : rc; /* gone since the list was made */
    }
    if (rc < 0)
        *e = *ledger_error(l);
    ledger_stored_list_release(&list);
    return rc < 0 ? e->code : r->rc;
}

static int read_run(const char *run, int (*each)(void *ctx, const struct run_result *r), void *ctx,
                    struct error *e)
{
    struct reading r = {.each = each, .ctx = ctx};
    struct ledger *l;
    struct stat st;
    struct buffer path;
    buffer_init(&path, 0);
    buffer_put(&path, run);
    if (stat(run, &st) != 0 || S_ISDIR(st.st_mode))
        buffer_put(&path, "/ledger.db");
    const struct ledger_options o = {
        .path = buffer_text(&path), .read_only = true, .clock = &system_clock};
    int rc = ledger_open(&l, &o, e);
    if (rc == ERR_NOT_FOUND)
        rc = error_set(e, ERR_USAGE,
                       "--record: there is no ledger in %s: it takes the output directory of a run",
                       text_show(run));
    if (rc >= 0) {
        rc = read_all(l, &r, e);
        ledger_close(l);
    }
    buffer_release(&path);
    return rc;
}

const struct run_reader recorded_run = {read_run};
