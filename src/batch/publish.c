/* See publish.h. */
#include "batch/publish.h"

#include "base/array.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "batch/missing_results.h"
#include "batch/notes.h"
#include "ledger/document_ledger.h"
#include "ledger/file_names.h"
#include "ledger/projections.h"
#include "ledger/restored.h"
#include "results/result_files.h"

#include <stdlib.h>
#include <string.h>

enum {
    AT_ONCE = 32, /* result files being written, before results are asked for more slowly */
    AGAIN_MS = 500,
    SYNC_MS = 250,   /* written ones are synced together */
    SYNC_MOST = 256, /* at once, without waiting for more */
};

/* Written, and not yet known to be on the disk. */
struct unsynced {
    int64_t file_id, document_id;
    char *name;
};

struct publish {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct missing_results *missing;
    struct result_place *place; /* NULL: none was asked for yet */
    size_t writing;             /* files */
    bool backlog;               /* rows above the cursor may have files to be written */
    int64_t cursor;
    size_t errors;
    bool again; /* some couldn't be written for want of a descriptor or memory */
    struct mono again_at, trouble_since; /* since: no file could be written */
    bool trouble;
    struct unsynced *unsynced, *syncing;
    size_t unsynced_count, unsynced_capacity, syncing_count;
    struct mono sync_at;
};

struct publish *publish_new(struct run_context *c, struct ending *ending, struct journal *journal)
{
    struct publish *p = xcalloc(1, sizeof *p);
    p->context = c;
    p->ending = ending;
    p->journal = journal;
    p->missing = missing_results_new(c, ending);
    return p;
}

/* It depends on the ledger, which is open when the first is asked for. */
static struct result_place *place_of(struct publish *p)
{
    const struct run_context *c = p->context;
    if (!p->place)
        p->place = result_place_new(c->options->output, ledger_name_longest(c->ledger),
                                    ledger_access(c->ledger));
    return p->place;
}

static void drop_unsynced(struct unsynced *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i].name);
    free(list);
}

void publish_free(struct publish *p)
{
    if (!p)
        return;
    missing_results_free(p->missing);
    result_place_free(p->place);
    drop_unsynced(p->unsynced, p->unsynced_count);
    drop_unsynced(p->syncing, p->syncing_count);
    free(p);
}

/* --- one file --- */

struct writing {
    struct publish *publish;
    int64_t file_id, document_id;
    char *name;
};

static void write_again(struct publish *p, int64_t after_ms)
{
    p->again = true;
    p->again_at = mono_add(clock_mono(p->context->clock), after_ms);
}

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
    write_again(p, AGAIN_MS);
    return true;
}

/* It counts as published when it is synced. Takes W's name. */
static void was_written(struct publish *p, struct writing *w)
{
    p->trouble = false;
    if (p->unsynced_count == 0)
        p->sync_at = mono_add(clock_mono(p->context->clock), SYNC_MS);
    ARRAY_RESERVE(p->unsynced, p->unsynced_capacity, p->unsynced_count + 1);
    p->unsynced[p->unsynced_count++] =
        (struct unsynced){.file_id = w->file_id, .document_id = w->document_id, .name = w->name};
    w->name = NULL;
}

/* Something stands there that isn't this document's result. If it is another one's that is to go
 * from there, this one waits for that; else it gets another name. */
static void was_taken(struct publish *p, const struct writing *w, const struct result_end *end)
{
    int64_t at = end->outcome == RESULT_BLOCKED ? end->at : -1;
    int stands = at < 0 ? ledger_name_stands(p->context->ledger, w->name) : 0;
    if (stands < 0) {
        ending_storage_failed(p->ending);
    } else if (stands) {
        write_again(p, SYNC_MS);
    } else {
        LOG(LOG_INFO, "result.name_taken", LOG_STR("name", w->name),
            LOG_STR("next", "it isn't touched; the result gets another number"));
        note_clash(p->journal, w->file_id, at);
        p->backlog = true;
        p->cursor = 0;
    }
}

static void failed(struct publish *p, const struct error *error)
{
    if (tries_again(p, error))
        LOG(LOG_DEBUG, "result.again", LOG_STR("reason", error->text));
    else if (p->errors++ < 10)
        LOG(LOG_ERROR, "result.unwritten", LOG_STR("reason", error->text),
            LOG_STR("next", "kept in the ledger; the next run writes it"));
}

static void written_cb(void *ctx, const struct result_end *end)
{
    struct writing *w = ctx;
    struct publish *p = w->publish;
    p->writing--;
    CRASH_POINT("result_file_done");
    if (end->outcome == RESULT_WRITTEN)
        was_written(p, w);
    else if (end->outcome == RESULT_FAILED)
        failed(p, &end->error);
    else
        was_taken(p, w, end);
    free(w->name);
    free(w);
    run_poke(p->context);
}

/* Another file's result may be what stands there, where the file system began to take their names for
 * one. */
static bool is_shared(const struct publish *p, const struct ledger_projection *row)
{
    return ledger_name_taken(p->context->ledger, row->name, row->file_id) != 0;
}

/* Takes DATA. */
static void write_one(struct publish *p, const struct ledger_projection *row, char *data,
                      size_t len)
{
    struct writing *w = xcalloc(1, sizeof *w);
    bool former_life = ledger_was_put_back(p->context->ledger);
    bool over = (row->again || former_life) && !is_shared(p, row);
    const struct result_file file = {.name = row->name,
                                     .stands = row->stands,
                                     .again = over && row->again,
                                     .former_life = over && former_life,
                                     .data = data,
                                     .len = len};
    w->publish = p;
    w->file_id = row->file_id;
    w->document_id = row->document_id;
    w->name = xstrdup(row->name);
    p->writing++;
    result_file_write(p->context->loop, place_of(p), &file, written_cb, w);
}

/* --- onto the disk --- */

static void synced_cb(void *ctx, const struct error *error)
{
    struct publish *p = ctx;
    if (error && p->errors++ < 10)
        LOG(LOG_ERROR, "result.unsynced", LOG_STR("reason", error->text),
            LOG_STR("next", "the next run writes what may not be on the disk"));
    for (size_t i = 0; i < p->syncing_count && !error; i++)
        note_published(p->journal, p->syncing[i].file_id, p->syncing[i].document_id,
                       p->syncing[i].name);
    drop_unsynced(p->syncing, p->syncing_count);
    p->syncing = NULL;
    p->syncing_count = 0;
    run_poke(p->context);
}

static void sync_written(struct publish *p)
{
    const char **names = xcalloc(p->unsynced_count, sizeof *names);
    p->syncing = p->unsynced;
    p->syncing_count = p->unsynced_count;
    p->unsynced = NULL;
    p->unsynced_count = p->unsynced_capacity = 0;
    for (size_t i = 0; i < p->syncing_count; i++)
        names[i] = p->syncing[i].name;
    result_files_sync(p->context->loop, place_of(p), names, p->syncing_count, synced_cb, p);
    free(names);
}

static bool sync_is_due(const struct publish *p, struct mono now)
{
    return p->unsynced_count > 0 && p->syncing_count == 0 &&
           (p->unsynced_count >= SYNC_MOST || mono_reached(now, p->sync_at) ||
            (ending_has_begun(p->ending) && p->writing == 0));
}

/* --- which --- */

/* It is being written, or will be synced. */
static bool in_hand(const struct publish *p, const struct ledger_projection *row)
{
    for (size_t i = 0; i < p->unsynced_count; i++)
        if (p->unsynced[i].file_id == row->file_id && strcmp(p->unsynced[i].name, row->name) == 0)
            return true;
    for (size_t i = 0; i < p->syncing_count; i++)
        if (p->syncing[i].file_id == row->file_id && strcmp(p->syncing[i].name, row->name) == 0)
            return true;
    return false;
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
        ledger_projection_release(&rows[i]);
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
        if (row->stands) /* who waits for its name waits in vain */
            ending_wrote(p->ending, ledger_stands_for_good(p->context->ledger, row->file_id));
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

void publish_look(struct publish *p)
{
    p->backlog = true;
}

void publish_start(struct publish *p)
{
    p->backlog = true;
    missing_results_start(p->missing, place_of(p));
}

static void publish_backlog(struct publish *p)
{
    enum { SOME = 16 };
    struct ledger_projection rows[SOME];
    int n = ledger_unprojected(p->context->ledger, p->cursor, rows, SOME);
    if (n < 0) {
        ending_storage_failed(p->ending);
        return;
    }
    for (int i = 0; i < n; i++) {
        if (!in_hand(p, &rows[i]))
            publish_row(p, &rows[i]);
        p->cursor = rows[i].file_id;
        ledger_projection_release(&rows[i]);
    }
    if (n < SOME) {
        p->backlog = false;
        p->cursor = 0;
    } else if (p->writing == 0) {
        run_poke(p->context);
    }
}

void publish_turn(struct publish *p, struct mono now)
{
    if (missing_results_turn(p->missing))
        p->backlog = true;
    if (p->again && mono_reached(now, p->again_at)) {
        p->again = false;
        p->backlog = true;
        p->cursor = 0;
    }
    if (sync_is_due(p, now))
        sync_written(p);
    if (p->backlog && p->writing == 0 && !ending_has_begun(p->ending))
        publish_backlog(p);
}

struct mono publish_next(const struct publish *p, struct mono now)
{
    struct mono at = p->again ? p->again_at : MONO_NEVER;
    bool now_due = p->unsynced_count > 0 && ending_has_begun(p->ending);
    if (p->unsynced_count > 0 && p->syncing_count == 0)
        at = mono_min(at, now_due ? mono_add(now, 1) : p->sync_at);
    return at;
}

bool publish_busy(const struct publish *p)
{
    /* without a ledger nothing more is published: the next run writes it again */
    bool to_sync = p->unsynced_count > 0 && !ending_storage_lost(p->ending);
    if (p->writing > 0 || to_sync || p->syncing_count > 0 || missing_results_reading(p->missing))
        return true;
    return !ending_has_begun(p->ending) &&
           (p->backlog || p->again || missing_results_busy(p->missing));
}

bool publish_has_room(const struct publish *p)
{
    return p->writing < AT_ONCE;
}

size_t publish_errors(const struct publish *p)
{
    return p->errors;
}

void publish_save(struct publish *p)
{
    missing_results_save(p->missing);
}
