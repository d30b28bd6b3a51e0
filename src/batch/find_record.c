/* What was found goes into the ledger, as a file of a new document or of one that is there; and who
 * waits for it hears of it. See find_internal.h. */
#include "base/log.h"
#include "base/text.h"
#include "batch/find_internal.h"
#include "batch/notes.h"

#include <stdlib.h>
#include <string.h>

/* What a document in doubt without a flight is told: with webhooks it waits for one first. */
static enum doc_event_kind doubt_event(const struct doc_policy *retry)
{
    return retry->in_doubt_wait_ms > 0 ? EV_RESTART : EV_RESEND;
}

/* A document in doubt whose last file was gone has one again: what the policy says can be done. */
static void source_is_back(struct find *f, int64_t document)
{
    const struct doc_policy *retry = &f->context->options->retry;
    struct flight *held =
        document && retry->resend_in_doubt ? flight_find(f->with.flights, document) : NULL;
    bool waits = held && (timer_entry_is_set(&held->timer) || held->pending & DO_RESEND_AFTER);
    if (!held || held->doc.state != DOC_IN_DOUBT || waits)
        return;
    flight_unpark(held);
    flight_event(held, doubt_event(retry), NULL);
}

/* ELSEWHERE: other files of its content, looked at; or NULL. */
static void put_now(struct find *f, const struct ledger_new_file *file,
                    const struct elsewhere *elsewhere)
{
    enum ledger_put put;
    int64_t document = 0;
    note_file(f->with.journal, file, &put, &document);
    f->unnamed = f->unnamed || put != PUT_UNCHANGED;
    meter_file(f->context->options->meter, put);
    if (put != PUT_UNCHANGED && document && elsewhere)
        missed_elsewhere_gone(f->missed, elsewhere);
    if (put == PUT_DUPLICATE || put == PUT_UNCHANGED)
        source_is_back(f, document);
    if (put != PUT_QUEUED)
        move_consider(f->with.move, document);
    if (put == PUT_QUEUED)
        send_queue_grew(f->with.queue);
    else if (put == PUT_REJECTED)
        LOG(LOG_WARNING, "file.rejected", LOG_STR("path", file->path),
            LOG_CODE("reason", file->reject_code), LOG_STR("detail", file->reject_detail));
    else if (put == PUT_DUPLICATE)
        LOG(LOG_DEBUG, "file.duplicate", LOG_STR("path", file->path), LOG_INT("doc", document));
    if (put == PUT_DUPLICATE || put == PUT_UNCHANGED)
        publish_look(f->with.publish); /* its document may be stored already */
    run_poke(f->context);
}

/* --- with other files of the same content --- */

/* A file that isn't put into the ledger before the others were looked at: until then it counts as
 * one that is being read. */
struct waiting_file {
    struct find *find;
    struct ledger_new_file file; /* its path, name, digest and detail are owned */
    uint8_t sha256[SHA256_BYTES];
    struct elsewhere *elsewhere;
};

static void look_work(void *ctx)
{
    struct waiting_file *w = ctx;
    elsewhere_look(w->elsewhere);
}

static void look_done(void *ctx)
{
    struct waiting_file *w = ctx;
    struct find *f = w->find;
    f->examining--;
    if (ending_life(f->with.ending) != RUN_CLOSING)
        put_now(f, &w->file, w->elsewhere);
    elsewhere_free(w->elsewhere);
    free((char *)w->file.path);
    free((char *)w->file.name);
    free((char *)w->file.reject_detail);
    free(w);
    f->read(f);
    run_poke(f->context);
}

static void put_later(struct find *f, const struct ledger_new_file *file,
                      struct elsewhere *elsewhere)
{
    struct waiting_file *w = xcalloc(1, sizeof *w);
    w->find = f;
    w->elsewhere = elsewhere;
    w->file = *file;
    w->file.path = xstrdup(file->path);
    w->file.name = xstrdup(file->name);
    w->file.reject_detail = file->reject_detail ? xstrdup(file->reject_detail) : NULL;
    memcpy(w->sha256, file->sha256, SHA256_BYTES);
    w->file.sha256 = w->sha256;
    f->examining++;
    loop_work(f->context->loop, look_work, look_done, w);
}

void find_put(struct find *f, const struct ledger_new_file *file)
{
    struct elsewhere *elsewhere =
        file->sha256 ? missed_elsewhere(f->missed, file->sha256, file->settings_id) : NULL;
    if (elsewhere)
        put_later(f, file, elsewhere);
    else
        put_now(f, file, NULL);
}

void find_put_rejected(struct find *f, const struct intake_entry *entry, enum reject_reason reason,
                       const char *detail)
{
    struct buffer words;
    buffer_init(&words, 0);
    buffer_put(&words, reject_reason_text(reason));
    if (detail && *detail)
        buffer_printf(&words, " (%s)", detail);
    struct ledger_new_file file = {.root_id = entry->root_id,
                                   .settings_id = f->context->settings_id,
                                   .path = entry->path,
                                   .name = entry->name,
                                   .stamp = entry->stamp,
                                   .pages = -1,
                                   .looked_at = reason == REJECT_SPECIAL,
                                   .reject_code = reject_reason_code(reason),
                                   .reject_detail = buffer_text(&words)};
    find_put(f, &file);
    buffer_release(&words);
}

void find_put_examined(struct find *f, const struct examination *ex, const struct examined *x)
{
    struct buffer words;
    buffer_init(&words, 0);
    struct ledger_new_file file = {.root_id = ex->root_id,
                                   .settings_id = f->context->settings_id,
                                   .path = ex->path,
                                   .name = ex->name,
                                   .stamp = x->stamp,
                                   .type = (int)x->type,
                                   .pages = x->pages,
                                   .broken = x->broken,
                                   .looked_at = x->reject != REJECT_UNREADABLE &&
                                                x->reject != REJECT_CHANGED,
                                   .moved = ex->at != NULL};
    if (x->hashed)
        file.sha256 = x->sha256;
    if (x->reject != REJECT_NONE) {
        buffer_put(&words, reject_reason_text(x->reject));
        if (x->detail[0])
            buffer_printf(&words, " (%s)", x->detail);
        file.reject_code = reject_reason_code(x->reject);
        file.reject_detail = buffer_text(&words);
    } else if (x->broken) {
        LOG(LOG_WARNING, "file.broken", LOG_STR("path", ex->path),
            LOG_STR("detail", "a PDF that can't be parsed here; sent all the same"));
    }
    find_put(f, &file);
    buffer_release(&words);
}
