/* Results to the sinks of on_stored, each sink on its own: the next result above its cursor that is
 * durable is read from the ledger and sent; when it was taken the cursor moves, and the next goes.
 * What fails is sent again, the same one, until it is taken.
 *
 * The cursor in the ledger may be behind the one here: it is written when a commit is due anyway,
 * or a while later for itself. A crash in between hands the same results over once more, under the
 * same Idempotency-Key; it never leaves one out, as nothing moves a cursor but a delivery. A result
 * whose bytes are damaged is the one exception: it is said, and passed by, as it could never be
 * delivered and would hold up all others. */
#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "ledger/document_ledger.h"
#include "ledger/file_names.h"
#include "notify/notifier_internal.h"
#include "notify/trouble_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS = 5 };

/* What goes with a result, as headers and as variables. */
struct facts {
    char document[24], key[64];
    struct buffer path, file; /* as it is; the result file's */
    struct buffer encoded;    /* the path, for a header */
    struct buffer variables[FACTS];
    const char *environment[FACTS + 1];
    struct transfer_header headers[FACTS];
};

/* ---- the cursor ---- */

int handovers_attached(struct handover_line *line, bool known)
{
    struct notifier *n = line->n;
    int64_t cursor = 0;
    if (!line->outlet)
        return 0;
    int found = ledger_handover_cursor(n->ledger, line->sink, &cursor);
    if (found == 0 && !n->options->from_beginning)
        cursor = n->results;
    if (found < 0)
        return found;
    line->written = found ? cursor : -1; /* where it begins is to be written, too */
    line->cursor = known && line->cursor > cursor ? line->cursor : cursor;
    line->paused = (struct mono){0};
    return 0;
}

static bool write_cursor(struct handover_line *line)
{
    struct notifier *n = line->n;
    if (!line->outlet || line->cursor == line->written)
        return true;
    if (ledger_handover_move(n->ledger, line->sink, line->cursor) < 0) {
        LOG(LOG_WARNING, "on_stored.unrecorded", LOG_STR("by", outlet_name(line->outlet)),
            LOG_STR("cause", ledger_error(n->ledger)->text),
            LOG_STR("next", "what was handed over may be handed over again"));
        return false;
    }
    line->written = line->cursor;
    return true;
}

void handovers_save(struct notifier *n, bool now)
{
    struct mono at = loop_now(n->loop);
    bool due = now || ledger_dirty(n->ledger) || mono_diff(at, n->saved_at) >= SAVE_MS;
    if (!due)
        return;
    n->saved_at = at;
    bool written = true;
    for (int i = 0; i < SINKS; i++)
        written = write_cursor(&n->handovers[i]) && written;
    if (notifier_commit(n) && written)
        return;
    n->saved_at = mono_add(at, LEDGER_PAUSE_MS); /* not again at once: it may be down for hours */
    for (int i = 0; i < SINKS; i++)
        n->handovers[i].written = -1;
}

bool handovers_pending(const struct handover_line *line)
{
    const struct notifier *n = line->n;
    return line->outlet && (outlet_busy(line->outlet) || (n->ledger && line->cursor < n->results));
}

/* ---- one result ---- */

static void percent_encode(struct buffer *out, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    for (const char *p = text; *p; p++) {
        if (strchr(plain, *p))
            buffer_printf(out, "%c", *p);
        else
            buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
    }
}

static void make_facts(struct facts *f, const struct notifier *n, const struct ledger_handover *h)
{
    const char *names[FACTS] = {"PATH", "RESULT_FILE", "DOCUMENT", "BATCH", "PERIOD"};
    const char *batch = n->options->batch;
    memset(f, 0, sizeof *f);
    snprintf(f->document, sizeof f->document, "%" PRId64, h->document_id);
    snprintf(f->key, sizeof f->key, "mb-%016" PRIx64 "-result-%" PRId64, n->ledger_id, h->result);
    buffer_put(&f->path, h->path ? h->path : "");
    percent_encode(&f->encoded, buffer_text(&f->path));
    if (h->name && h->projected) {
        buffer_printf(&f->file, "%s/results/", n->options->output);
        ledger_result_file(n->ledger, h->name, &f->file);
    }
    const char *values[FACTS] = {buffer_text(&f->path), buffer_text(&f->file), f->document,
                                 batch ? batch : "", n->period ? n->period : ""};
    for (int i = 0; i < FACTS; i++) {
        buffer_printf(&f->variables[i], "MINDEE_BATCH_%s=%s", names[i], values[i]);
        f->environment[i] = buffer_text(&f->variables[i]);
    }
    const struct transfer_header headers[FACTS] = {
        {"X-Mindee-Batch-Path", h->path ? buffer_text(&f->encoded) : NULL},
        {"X-Mindee-Batch-Document", f->document},
        {"X-Mindee-Batch-Batch", batch},
        {"X-Mindee-Batch-Period", n->period},
        {"Idempotency-Key", f->key}};
    memcpy(f->headers, headers, sizeof headers);
}

static void facts_release(struct facts *f)
{
    buffer_release(&f->path);
    buffer_release(&f->file);
    buffer_release(&f->encoded);
    for (int i = 0; i < FACTS; i++)
        buffer_release(&f->variables[i]);
}

void handovers_done(struct handover_line *line, enum outlet_end end)
{
    struct notifier *n = line->n;
    CRASH_POINT("handover_done");
    if (end == OUTLET_DELIVERED) {
        line->cursor = line->sending;
        line->moved_at = loop_now(n->loop);
        LOG(LOG_DEBUG, "on_stored.done", LOG_STR("by", outlet_name(line->outlet)),
            LOG_INT("result", line->cursor));
    }
    line->sending = 0;
    if (end != OUTLET_CANCELLED)
        trouble_of_handover(line, end == OUTLET_DELIVERED);
    if (n->ledger)
        handovers_save(n, false);
}

static void send(struct handover_line *line, const struct ledger_handover *h,
                 const struct buffer *bytes)
{
    struct facts f;
    make_facts(&f, line->n, h);
    line->sending = h->result;
    outlet_send(line->outlet, &(struct outlet_item){.body = bytes->data,
                                                    .len = bytes->len,
                                                    .headers = f.headers,
                                                    .header_count = FACTS,
                                                    .environment = f.environment});
    facts_release(&f);
}

/* A command gets the result file's name, which is written after the result is durable: it waits for
 * that, but not for ever. */
static bool must_wait_for_file(struct handover_line *line, const struct ledger_handover *h,
                               struct mono now)
{
    bool coming = h->name && !h->projected && !line->n->alone;
    if (outlet_is_url(line->outlet) || !coming)
        return false;
    if (line->awaited == h->result)
        return !mono_reached(now, line->paused);
    line->awaited = h->result;
    line->paused = mono_add(now, FILE_WAIT_MS);
    return true;
}

/* The ledger can't be read: said, and tried again. */
static void ledger_failed(struct handover_line *line, struct mono now)
{
    LOG(LOG_WARNING, "on_stored.unread", LOG_STR("by", outlet_name(line->outlet)),
        LOG_STR("cause", ledger_error(line->n->ledger)->text));
    line->awaited = 0;
    line->paused = mono_add(now, LEDGER_PAUSE_MS);
}

/* True if it went, or has to wait; false: it is passed by. */
static bool take_next(struct handover_line *line, struct mono now)
{
    struct notifier *n = line->n;
    struct ledger_handover h = {0};
    struct buffer bytes;
    int rc = ledger_handover_next(n->ledger, line->cursor, n->results, &h);
    if (rc < 0)
        ledger_failed(line, now);
    else if (rc == 0)
        line->cursor = n->results;
    if (rc <= 0 || must_wait_for_file(line, &h, now)) {
        ledger_handover_release(&h);
        return true;
    }
    buffer_init(&bytes, 0);
    rc = ledger_result_get(n->ledger, h.document_id, &bytes);
    bool damaged = rc == ERR_DAMAGED || rc == ERR_NOT_FOUND;
    if (rc == 0) {
        send(line, &h, &bytes);
    } else if (damaged) {
        LOG(LOG_ERROR, "on_stored.damaged", LOG_STR("by", outlet_name(line->outlet)),
            LOG_INT("doc", h.document_id), LOG_STR("path", h.path),
            LOG_STR("cause", ledger_error(n->ledger)->text),
            LOG_STR("next", "it is left out; `mindee-batch verify` says more"));
        line->cursor = h.result;
    } else {
        ledger_failed(line, now);
    }
    buffer_release(&bytes);
    ledger_handover_release(&h);
    return !damaged;
}

void handovers_start(struct handover_line *line, struct mono now)
{
    if (!line->outlet || !line->n->ledger || line->n->stopped || line->n->settled ||
        !outlet_ready(line->outlet, now))
        return;
    if (line->awaited == 0 && !mono_reached(now, line->paused))
        return;
    while (line->cursor < line->n->results && !take_next(line, now))
        ;
}
