/* See former_life.h. The ledger has each file's ctime as intake saw it. A rename changes that: so a
 * file that seems to have come later is asked for its birth. That is done for a document's first
 * upload since then alone, and only in a ledger that was restored. */
#include "batch/former_life.h"

#include "base/array.h"
#include "base/text.h"
#include "base/trouble.h"
#include "batch/notes.h"
#include "ledger/restored.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The files of one document, all of which seem to have come later. */
struct look {
    struct list link; /* of former_life->looks */
    struct former_life *life;
    struct flight *flight;
    int64_t document, restored_ms;
    char **paths;
    size_t count, capacity;
    bool done, was_there;
    void (*looked)(void *ctx, struct flight *f);
    void *ctx;
};

struct former_life {
    struct run_context *context;
    struct ending *ending;
    struct list looks; /* under way, or done and their document neither sent nor held yet */
};

struct former_life *former_life_new(struct run_context *c, struct ending *ending)
{
    struct former_life *l = xcalloc(1, sizeof *l);
    l->context = c;
    l->ending = ending;
    list_init(&l->looks);
    return l;
}

static void look_free(struct look *k)
{
    if (k->life)
        list_remove(&k->link);
    while (k->count > 0)
        free(k->paths[--k->count]);
    free(k->paths);
    free(k);
}

void former_life_free(struct former_life *l)
{
    if (!l)
        return;
    while (!list_empty(&l->looks))
        look_free(LIST_ENTRY(list_first(&l->looks), struct look, link));
    free(l);
}

/* --- on the pool --- */

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

static void look_work(void *ctx)
{
    struct look *k = ctx;
    for (size_t i = 0; i < k->count && !k->was_there; i++)
        k->was_there = born_ms(k->paths[i]) < k->restored_ms;
}

static void look_done(void *ctx)
{
    struct look *k = ctx;
    k->done = true;
    k->looked(k->ctx, k->flight);
}

/* --- on the loop --- */

static struct look *find_look(struct former_life *l, int64_t document)
{
    LIST_EACH (node, &l->looks) {
        struct look *k = LIST_ENTRY(node, struct look, link);
        if (k->document == document && k->done)
            return k;
    }
    return NULL;
}

static void add_path(struct look *k, const char *path)
{
    ARRAY_RESERVE(k->paths, k->capacity, k->count + 1);
    k->paths[k->count++] = xstrdup(path);
}

/* All files of F, until one is known to have been there. */
static enum former_life_word read_files(struct former_life *l, const struct flight *f,
                                        struct look *k)
{
    struct ledger_source source;
    bool found = false;
    int rows = 1;
    for (int i = 0; !found; i++) {
        rows = ledger_document_source(l->context->ledger, f->id, i, &source);
        if (rows != 1)
            break;
        found = source.stamp.ctime_ns / 1000000 < k->restored_ms;
        add_path(k, source.path);
        ledger_source_release(&source);
    }
    if (!ending_wrote(l->ending, rows))
        return FORMER_LIFE_NEVER_SENT; /* nor will it be: the run ends */
    if (found)
        return FORMER_LIFE_MAY_HAVE_SENT;
    return k->count > 0 ? FORMER_LIFE_LOOKS : FORMER_LIFE_NEVER_SENT;
}

/* K has the files that F has now. Those that came while it was looked at are looked at, too. */
static enum former_life_word use_look(struct former_life *l, const struct flight *f, struct look *k)
{
    struct look *before = find_look(l, f->id);
    if (!before || (before->count < k->count && !before->was_there))
        return FORMER_LIFE_LOOKS;
    return before->was_there ? FORMER_LIFE_MAY_HAVE_SENT : FORMER_LIFE_NEVER_SENT;
}

static void begin_look(struct former_life *l, struct look *k)
{
    struct look *before = find_look(l, k->document);
    if (before)
        look_free(before);
    k->life = l;
    list_push_back(&l->looks, &k->link);
    loop_work(l->context->loop, look_work, look_done, k);
}

enum former_life_word former_life_tells(struct former_life *l, struct flight *f,
                                        void (*looked)(void *ctx, struct flight *f), void *ctx)
{
    int64_t restored_ms = ledger_restored_at(l->context->ledger).ms;
    if (restored_ms == 0)
        return FORMER_LIFE_NEVER_SENT;
    int forgotten = ledger_may_be_forgotten(l->context->ledger, f->id);
    if (!ending_wrote(l->ending, forgotten) || forgotten == 0)
        return FORMER_LIFE_NEVER_SENT;
    struct look *k = xcalloc(1, sizeof *k);
    *k = (struct look){
        .flight = f, .document = f->id, .restored_ms = restored_ms, .looked = looked, .ctx = ctx};
    enum former_life_word word = read_files(l, f, k);
    if (word == FORMER_LIFE_LOOKS)
        word = use_look(l, f, k);
    if (word == FORMER_LIFE_LOOKS)
        begin_look(l, k);
    else
        look_free(k);
    return word;
}

void former_life_settled(struct former_life *l, const struct flight *f)
{
    struct look *k = find_look(l, f->id);
    if (k)
        look_free(k);
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
