/* See former_life.h. The ledger has each file's ctime as intake saw it. A rename changes that: so a
 * file that seems to have come later is asked for its birth. That is done for a document's first
 * upload since then alone, and only in a ledger that was restored. */
#include "batch/former_life.h"

#include "base/trouble.h"
#include "batch/notes.h"
#include "ledger/restored.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* What can't be looked at for now may have been there: held, it is at least not paid twice. */
static int64_t born_ms(const char *path)
{
    struct statx st;
    if (statx(AT_FDCWD, path, 0, STATX_BTIME, &st) != 0)
        return trouble_of(errno) != TROUBLE_NONE ? 0 : INT64_MAX;
    if (!(st.stx_mask & STATX_BTIME))
        return INT64_MAX;
    return (int64_t)st.stx_btime.tv_sec * 1000 + st.stx_btime.tv_nsec / 1000000;
}

static bool was_there(const struct ledger_source *s, int64_t restored_ms)
{
    return s->stamp.ctime_ns / 1000000 < restored_ms || born_ms(s->path) < restored_ms;
}

bool former_life_may_have_sent(const struct run_context *c, struct ending *ending,
                               const struct flight *f)
{
    struct ledger_source source;
    int64_t restored_ms = ledger_restored_at(c->ledger).ms;
    bool found = false;
    int rows = 1;
    if (restored_ms == 0)
        return false;
    int forgotten = ledger_may_be_forgotten(c->ledger, f->id);
    if (!ending_wrote(ending, forgotten) || forgotten == 0)
        return false;
    for (int i = 0; !found; i++) {
        rows = ledger_document_source(c->ledger, f->id, i, &source);
        if (rows != 1)
            break;
        found = was_there(&source, restored_ms);
        ledger_source_release(&source);
    }
    return ending_wrote(ending, rows) && found;
}

void former_life_hold(struct journal *j, struct flight *f)
{
    static const struct news n = {
        .cause = "restored",
        .code = "restored",
        .detail =
            "its file was there before the ledger was put back from a backup, and may have "
            "been sent since the backup: `retry --in-doubt` sends it, and may pay a second time",
        .retry_after_ms = -1};
    if (!note_attempt_start(j, f->id, &f->attempt, f->alias))
        return;
    note_attempt_end(j, f->id, f->attempt, ATTEMPT_FORGOTTEN, 0, n.cause);
    flight_event(f, EV_RESTORED, &n);
}
