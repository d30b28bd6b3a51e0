/* See failures.h. */
#include "results/failures.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "format/csv.h"
#include "ledger/listing.h"
#include "ledger/sent_settings.h"
#include "ledger/unread_files.h"

#include <stdlib.h>

enum { FIELDS = 5, BLOCK = 64 * 1024 };

/* The words of summary.json. */
static const char *state_word(enum doc_state state)
{
    bool sent = state == DOC_SUBMITTING || state == DOC_READY;
    return doc_state_names[sent ? DOC_PROCESSING : state];
}

struct writing {
    struct ledger *ledger;
    int (*fn)(void *ctx, const struct failure *f);
    void *ctx;
    bool several_settings;
    int rc; /* of what was read meanwhile, or of FN */
};

/* --- why it waits, where nothing failed that would say so --- */

static void put_settings(void *ctx, const struct ledger_settings *s)
{
    buffer_printf(ctx, " (%s with model %s)", s->product, s->model_id);
}

static void put_queued(struct writing *w, const struct ledger_listing *row, struct buffer *out)
{
    if (row->attempt == 0)
        buffer_put(out, "never tried: it waits ");
    else
        buffer_printf(out, "tried %d time%s: it waits ", row->attempt,
                      row->attempt == 1 ? "" : "s");
    if (!w->several_settings) {
        buffer_put(out, "to be sent");
        return;
    }
    buffer_put(out, "for a run of its own settings");
    int rc = ledger_settings_get(w->ledger, row->settings_id, put_settings, out);
    w->rc = rc < 0 ? rc : w->rc;
}

static void put_wait(struct writing *w, const struct ledger_listing *row, struct buffer *out)
{
    char since[WALL_TEXT_MAX];
    switch (row->state) {
    case DOC_QUEUED:
        put_queued(w, row, out);
        break;
    case DOC_SUBMITTING:
        buffer_put(out, "on its way to Mindee: its answer isn't there yet");
        break;
    case DOC_PROCESSING:
        buffer_printf(out, "still being processed by Mindee since %s",
                      wall_format(row->accepted_at, since));
        break;
    case DOC_READY:
        buffer_put(out, "done by Mindee: its result is still to be fetched");
        break;
    case DOC_IN_DOUBT:
        buffer_put(out, "sent and no answer came that can be read: it may have been charged");
        break;
    default:
        break;
    }
}

/* --- rows --- */

static int put_row(void *ctx, const struct ledger_listing *row)
{
    struct writing *w = ctx;
    struct buffer wait;
    if (row->state == DOC_STORED || row->dismissed.ms) /* of a period all are listed */
        return 0;
    buffer_init(&wait, 0);
    if (!*row->detail)
        put_wait(w, row, &wait);
    const struct failure f = {
        .path = *row->moved_to ? row->moved_to : row->path,
        .name = row->name,
        .state = state_word(row->state),
        .code = row->code,
        .detail = wait.len ? buffer_text(&wait) : row->detail,
        .job_id = row->job_id,
        .document_id = row->document_id,
    };
    if (!w->rc)
        w->rc = w->fn(w->ctx, &f);
    buffer_release(&wait);
    return w->rc;
}

static int put_unread(void *ctx, const char *path, const char *why)
{
    struct writing *w = ctx;
    const struct failure f = {.path = path,
                              .name = "",
                              .state = "unread",
                              .code = "unreadable-for-now",
                              .detail = why,
                              .job_id = ""};
    w->rc = w->fn(w->ctx, &f);
    return w->rc;
}

int failures_list(struct ledger *l, const char *period,
                  int (*fn)(void *ctx, const struct failure *f), void *ctx)
{
    int rc = ledger_several_settings(l);
    struct writing w = {.ledger = l, .fn = fn, .ctx = ctx, .several_settings = rc > 0};
    if (rc >= 0)
        rc =
            period ? ledger_list_period(l, period, put_row, &w) : ledger_list(l, true, put_row, &w);
    if (rc == 0 && w.rc == 0 && !period)
        rc = ledger_unread_list(l, put_unread, &w);
    return rc ? rc : w.rc;
}

static int put_csv(void *ctx, const struct failure *f)
{
    const char *cells[] = {f->path, f->state, f->code, f->detail, f->job_id};
    csv_row(ctx, cells, FIELDS);
    return 0;
}

int failures_write(struct ledger *l, const char *directory, const struct csv_profile *profile,
                   struct error *e)
{
    struct buffer path;
    struct csv_writer w;
    struct safe_file f;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/failures.csv", directory);
    int rc = safe_file_open(&f, buffer_text(&path), ledger_access(l), e);
    buffer_release(&path);
    if (rc < 0)
        return rc;
    static const char *const heading[] = {"path", "state", "code", "detail", "job_id"};
    csv_begin(&w, profile, BLOCK, block_output_to_stream, f.stream);
    csv_row(&w, heading, FIELDS);
    rc = failures_list(l, NULL, put_csv, &w);
    if (rc < 0)
        *e = *ledger_error(l);
    else if (csv_flush(&w, e) < 0) /* e->code then */
        rc = error_wrap(e, "write %s", text_show(f.path));
    csv_release(&w);
    if (rc < 0) {
        safe_file_abandon(&f);
        return rc;
    }
    return safe_file_commit(&f, e);
}
