/* results/ is a projection of the ledger: a stored document's payload is written at each of its
 * paths, from memory when it has just come, from the ledger for what an earlier run didn't get to
 * or for a duplicate found later. A file that can't be written doesn't hold anything up; it is
 * tried again by the next run. */
#include "base/crash_point.h"
#include "base/log.h"
#include "batch/state.h"
#include "report/result_files.h"

#include <stdlib.h>
#include <string.h>

struct projection {
    struct batch *batch;
    int64_t file_id, document_id;
};

static void written_cb(void *ctx, const struct error *error)
{
    struct projection *p = ctx;
    struct batch *b = p->batch;
    b->projecting--;
    CRASH_POINT("result_file_done");
    if (error) {
        bool clash = error->code == ERR_USAGE;
        if (b->projection_errors++ < 10)
            LOG(LOG_ERROR, "result.unwritten", LOG_STR("reason", error->text),
                LOG_STR("next", clash ? "kept in the ledger"
                                      : "kept in the ledger; the next run writes it"));
        b->projection_clashes += clash;
    } else {
        journal_projected(b, p->file_id, p->document_id);
    }
    free(p);
    batch_poke(b);
}

static void write_one(struct batch *b, const struct ledger_projection *row, char *data, size_t len)
{
    struct projection *p = xcalloc(1, sizeof *p);
    p->batch = b;
    p->file_id = row->file_id;
    p->document_id = row->document_id;
    b->projecting++;
    result_file_write(b->loop, b->options->output, row->name, data, len, written_cb, p);
}

static char *memory_copy(const char *data, size_t len)
{
    char *copy = data ? malloc(len ? len : 1) : NULL;
    if (copy)
        memcpy(copy, data, len);
    return copy;
}

void projection_of(struct flight *f)
{
    enum { SOME = 8 };
    struct batch *b = f->batch;
    struct ledger_projection rows[SOME];
    int n = ledger_unprojected_of(b->ledger, f->id, 0, rows, SOME);
    if (n < 0) {
        batch_storage_failed(b);
        return;
    }
    for (int i = 0; i < n; i++) {
        char *data = i == n - 1 ? f->payload : memory_copy(f->payload, f->payload_len);
        if (i == n - 1)
            f->payload = NULL;
        if (data)
            write_one(b, &rows[i], data, f->payload_len);
        else
            b->projection_backlog = true;
        free(rows[i].name);
    }
    if (n == SOME)
        b->projection_backlog = true;
}

/* One document's result from the ledger to one of its paths. */
static bool project_row(struct batch *b, const struct ledger_projection *row)
{
    struct buffer bytes;
    buffer_init(&bytes, 0);
    int rc = ledger_result_get(b->ledger, row->document_id, &bytes);
    if (rc == ERR_DAMAGED || rc == ERR_NOT_FOUND) {
        LOG(LOG_ERROR, "result.damaged", LOG_INT("doc", row->document_id));
        b->projection_errors++;
    } else if (rc < 0) {
        batch_storage_failed(b);
    } else {
        size_t len;
        char *data = buffer_detach(&bytes, &len);
        write_one(b, row, data, len);
    }
    buffer_release(&bytes);
    return rc == 0;
}

void projection_outdated(struct batch *b, const char *name)
{
    if (b->stale_count == b->stale_capacity) {
        b->stale_capacity = b->stale_capacity ? b->stale_capacity * 2 : 16;
        b->stale = realloc(b->stale, b->stale_capacity * sizeof *b->stale);
        REQUIRE(b->stale != NULL);
    }
    b->stale[b->stale_count++] = xstrdup(name);
}

void projection_drop_outdated(struct batch *b)
{
    for (size_t i = 0; i < b->stale_count; i++) {
        result_file_remove(b->options->output, b->stale[i]);
        free(b->stale[i]);
    }
    b->stale_count = 0;
}

void projection_start(struct batch *b)
{
    b->projection_backlog = true;
    b->projection_cursor = 0;
}

void projection_turn(struct batch *b)
{
    enum { SOME = 16 };
    struct ledger_projection rows[SOME];
    if (!b->projection_backlog || b->projecting > 0 || b->closing)
        return;
    int n = ledger_unprojected(b->ledger, b->projection_cursor, rows, SOME);
    if (n < 0) {
        batch_storage_failed(b);
        return;
    }
    for (int i = 0; i < n; i++) {
        project_row(b, &rows[i]);
        b->projection_cursor = rows[i].file_id;
        free(rows[i].name);
    }
    if (n < SOME) {
        b->projection_backlog = false;
        b->projection_cursor = 0;
    }
}
