/* See publish.h. */
#include "batch/publish.h"

#include "base/array.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "batch/notes.h"
#include "report/result_files.h"

#include <stdlib.h>
#include <string.h>

enum {
    AT_ONCE = 32, /* result files being written, before results are asked for more slowly */
    AGAIN_MS = 500,
};

struct publish {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    size_t writing; /* files */
    bool backlog;   /* rows above the cursor may have files to be written */
    int64_t cursor;
    size_t errors, clashes;
    bool again; /* some couldn't be written for want of a descriptor or memory */
    struct mono again_at, trouble_since; /* since: no file could be written */
    bool trouble;
    char **outdated; /* names under results/ whose content isn't their file's any more */
    size_t outdated_count, outdated_capacity;
};

struct publish *publish_new(struct run_context *c, struct ending *ending, struct journal *journal)
{
    struct publish *p = xcalloc(1, sizeof *p);
    p->context = c;
    p->ending = ending;
    p->journal = journal;
    return p;
}

void publish_free(struct publish *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->outdated_count; i++)
        free(p->outdated[i]); /* not committed: in the ledger they are still what they were */
    free(p->outdated);
    free(p);
}

struct writing {
    struct publish *publish;
    int64_t file_id, document_id;
};

/* Not the disk's doing: it is tried again in this run, for as long as files to be read are. */
static bool tries_again(struct publish *p, const struct error *error)
{
    struct mono now = clock_mono(p->context->clock);
    if (error->code != ERR_PASSING)
        return false;
    if (!p->trouble)
        p->trouble_since = now;
    p->trouble = true;
    if (mono_diff(now, p->trouble_since) >= p->context->options->input_patience_ms)
        return false;
    p->again = true;
    p->again_at = mono_add(now, AGAIN_MS);
    return true;
}

static void written_cb(void *ctx, const struct error *error)
{
    struct writing *w = ctx;
    struct publish *p = w->publish;
    p->writing--;
    CRASH_POINT("result_file_done");
    if (error && tries_again(p, error)) {
        LOG(LOG_DEBUG, "result.again", LOG_STR("reason", error->text));
    } else if (error) {
        bool clash = error->code == ERR_USAGE;
        if (p->errors++ < 10)
            LOG(LOG_ERROR, "result.unwritten", LOG_STR("reason", error->text),
                LOG_STR("next", clash ? "kept in the ledger"
                                      : "kept in the ledger; the next run writes it"));
        p->clashes += clash;
    } else {
        p->trouble = false;
        note_published(p->journal, w->file_id, w->document_id);
    }
    free(w);
    run_poke(p->context);
}

/* Takes DATA. */
static void write_one(struct publish *p, const struct ledger_projection *row, char *data,
                      size_t len)
{
    struct writing *w = xcalloc(1, sizeof *w);
    w->publish = p;
    w->file_id = row->file_id;
    w->document_id = row->document_id;
    p->writing++;
    result_file_write(p->context->loop, p->context->options->output, row->name, data, len,
                      written_cb, w);
}

static char *memory_copy(const char *data, size_t len)
{
    char *copy = data ? malloc(len ? len : 1) : NULL;
    if (copy)
        memcpy(copy, data, len);
    return copy;
}

void publish_result(struct publish *p, struct flight *f)
{
    enum { SOME = 8 };
    struct ledger_projection rows[SOME];
    int n = ledger_unprojected_of(p->context->ledger, f->id, 0, rows, SOME);
    if (n < 0) {
        ending_storage_failed(p->ending);
        return;
    }
    for (int i = 0; i < n; i++) {
        char *data = i == n - 1 ? f->payload : memory_copy(f->payload, f->payload_len);
        if (i == n - 1)
            f->payload = NULL;
        if (data)
            write_one(p, &rows[i], data, f->payload_len);
        else
            p->backlog = true;
        free(rows[i].name);
    }
    if (n == SOME)
        p->backlog = true;
}

/* One document's result from the ledger to one of its paths. */
static bool publish_row(struct publish *p, const struct ledger_projection *row)
{
    struct buffer bytes;
    buffer_init(&bytes, 0);
    int rc = ledger_result_get(p->context->ledger, row->document_id, &bytes);
    if (rc == ERR_DAMAGED || rc == ERR_NOT_FOUND) {
        LOG(LOG_ERROR, "result.damaged", LOG_INT("doc", row->document_id));
        p->errors++;
    } else if (rc < 0) {
        ending_storage_failed(p->ending);
    } else {
        size_t len;
        char *data = buffer_detach(&bytes, &len);
        write_one(p, row, data, len);
    }
    buffer_release(&bytes);
    return rc == 0;
}

void publish_outdated(struct publish *p, const char *name)
{
    ARRAY_RESERVE(p->outdated, p->outdated_capacity, p->outdated_count + 1);
    p->outdated[p->outdated_count++] = xstrdup(name);
}

void publish_drop_outdated(struct publish *p)
{
    for (size_t i = 0; i < p->outdated_count; i++) {
        result_file_remove(p->context->options->output, p->outdated[i]);
        free(p->outdated[i]);
    }
    p->outdated_count = 0;
}

void publish_look(struct publish *p)
{
    p->backlog = true;
}

void publish_turn(struct publish *p, struct mono now)
{
    enum { SOME = 16 };
    struct ledger_projection rows[SOME];
    if (p->again && mono_reached(now, p->again_at)) {
        p->again = false;
        p->backlog = true;
        p->cursor = 0;
    }
    if (!p->backlog || p->writing > 0)
        return;
    int n = ledger_unprojected(p->context->ledger, p->cursor, rows, SOME);
    if (n < 0) {
        ending_storage_failed(p->ending);
        return;
    }
    for (int i = 0; i < n; i++) {
        publish_row(p, &rows[i]);
        p->cursor = rows[i].file_id;
        free(rows[i].name);
    }
    if (n < SOME) {
        p->backlog = false;
        p->cursor = 0;
    }
}

struct mono publish_next(const struct publish *p, struct mono now)
{
    (void)now;
    return p->again ? p->again_at : MONO_NEVER;
}

bool publish_busy(const struct publish *p)
{
    return p->writing > 0 || ((p->backlog || p->again) && !ending_has_begun(p->ending));
}

bool publish_has_room(const struct publish *p)
{
    return p->writing < AT_ONCE;
}

size_t publish_errors(const struct publish *p)
{
    return p->errors;
}

size_t publish_clashes(const struct publish *p)
{
    return p->clashes;
}
