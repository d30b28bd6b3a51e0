/* One upload: the request made from the options and the document's file, and what came of it. What
 * an outcome means is decided in core (outcome.h, document.h); here are the ledger's record of the
 * attempt and the two things that concern more than one document: the canary, and a file that
 * changed. */
#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/state.h"

#include <stdio.h>
#include <string.h>

static struct outcome outcome_of(const struct mindee_response *r)
{
    struct outcome o = batch_facts(REQUEST_SUBMIT, r);
    o.body_ok = r->job != NULL && r->fault == MINDEE_OK;
    o.source_changed = r->fault == MINDEE_SOURCE_CHANGED || r->fault == MINDEE_SOURCE_ERROR;
    return o;
}

/* The file isn't what intake saw. It points elsewhere from now on, and is looked at anew; the
 * document goes out from another of its files, if there is one. */
static enum doc_event_kind source_changed(struct flight *f, const struct mindee_response *r)
{
    struct batch *b = f->batch;
    struct ledger_file known;
    struct ledger_source other;
    LOG(LOG_WARNING, "file.changed", LOG_INT("doc", f->id), LOG_STR("path", f->source.path),
        LOG_STR("detail", r->text));
    const char *moved_from = f->source.known_as;
    int found = ledger_file_find(b->ledger, moved_from ? moved_from : f->source.path, &known);
    if (found == 1 && known.document_id == f->id) {
        journal_file_changed(
            b, f->source.file_id, "changed",
            "the file changed or went away before it was sent; run again to send it as it "
            "is now");
        if (b->watching)
            watching_doubts(b); /* it is taken when it has come to rest */
        else if (!moved_from)
            feeder_examine_again(b, known.root_id, f->source.path, f->source.name);
    }
    found = found < 0 ? found : ledger_document_source(b->ledger, f->id, 0, &other);
    if (found < 0)
        batch_storage_failed(b);
    if (found != 1)
        return EV_SOURCE_GONE;
    ledger_source_release(&other);
    return EV_NOT_SENT;
}

static enum attempt_outcome attempt_outcome_of(enum doc_event_kind kind)
{
    switch (kind) {
    case EV_NOT_SENT:
    case EV_SOURCE_GONE:
        return ATTEMPT_NOT_SENT;
    case EV_DOUBT:
        return ATTEMPT_IN_DOUBT;
    default:
        return ATTEMPT_ANSWERED;
    }
}

static void canary_says(struct flight *f, enum doc_event_kind kind, const struct mindee_response *r)
{
    struct batch *b = f->batch;
    const struct mindee_problem *p = r->problem;
    if (kind == EV_ACCEPTED) {
        if (!b->canary.accepted)
            b->suspect_count = 0;
        canary_accepted(&b->canary);
    } else if (kind == EV_REFUSED && r->status && !b->canary.accepted) {
        batch_suspect(b, f->id);
        if (canary_refused(&b->canary, r->status, p ? p->code : "", p ? p->pointer : ""))
            batch_end_early(
                b, EXIT_REFUSED,
                "Mindee refuses the first documents all alike (%s): check api.model_id, "
                "api.product and the "
                "[request] options; nothing was paid, and the documents are queued again",
                r->text);
    }
}

/* It began and was never whole, again and again: something on the way doesn't let this document
 * through. Nothing was paid. */
static enum doc_event_kind cut_short(struct flight *f, struct news *news)
{
    if (++f->cut_short <= f->batch->options->retry.max_attempts)
        return EV_NOT_SENT;
    news->code = "cut-short";
    news->detail =
        "the upload was cut off before its end each time: perhaps a proxy or firewall on the "
        "way bounds the size; nothing was paid";
    return EV_REFUSED;
}

static void uploaded_cb(void *ctx, const struct mindee_response *r)
{
    struct flight *f = ctx;
    struct batch *b = f->batch;
    struct outcome o = outcome_of(r);
    struct news news;
    char cause[64];

    CRASH_POINT("upload_answered");
    f->requests--;
    b->uploads_out--;
    b->pages_promised -= flight_pages(f);
    pacing_answered(b, &b->post, r);
    enum doc_event_kind kind = batch_outcome(b, &o, r, &news, cause, sizeof cause);
    if (f->dead)
        return;
    if (kind == EV_FAULT && b->service.down)
        kind = EV_LIMITED; /* a probe: the service's trouble, no attempt of this document's */
    if (o.source_changed)
        kind = source_changed(f, r);
    else if (kind == EV_NOT_SENT && r->body_sent_bytes > 0 && !o.cancelled)
        kind = cut_short(f, &news);
    if (kind == EV_ACCEPTED) {
        text_copy(f->job_id, sizeof f->job_id, r->job->id);
        f->poll = (struct poll_job){0};
        f->taken_up = false;
        f->asked_until = mono_add(clock_mono(b->clock), b->options->polling.give_up_ms);
        journal_accepted(b, f->id, f->attempt, f->job_id);
    } else {
        journal_attempt_end(b, f->id, f->attempt, attempt_outcome_of(kind), r->status, cause);
    }
    CRASH_POINT("upload_job_noted");
    news.known = f->doc.state != DOC_SUBMITTING; /* a webhook was faster */
    flight_event(f, kind, &news);
    if (kind == EV_ACCEPTED)
        deliveries_adopt(f);
    CRASH_POINT("upload_noted");
    canary_says(f, kind, r);
}

void upload_send(struct flight *f, struct mono now)
{
    struct batch *b = f->batch;
    struct mindee_enqueue q = b->options->request;
    char name[256];
    struct mindee_file_stamp stamp = {f->source.stamp.size_bytes, f->source.stamp.mtime_ns,
                                      f->source.stamp.ctime_ns, f->source.stamp.inode};
    if (b->stop_now || b->closing || b->journal.was_down) {
        upload_unsend(f, now);
        return;
    }
    file_name_to_send(f->source.name, (enum file_type)f->type, name, sizeof name);
    q.path = f->source.path;
    q.stamp = &stamp;
    q.filename = name;
    q.content_type = file_type_mime((enum file_type)f->type);
    q.alias = f->alias;
    CRASH_POINT("upload_begin");
    REQUIRE(mindee_enqueue(b->client, &q, uploaded_cb, f) == 0);
    f->requests++;
    b->uploads_out++;
    CRASH_POINT("upload_begun");
}

void upload_unsend(struct flight *f, struct mono now)
{
    struct batch *b = f->batch;
    struct news n = {.cause = "stopped", .retry_after_ms = -1};
    b->pages_promised -= flight_pages(f);
    limiter_untaken(&b->post, now);
    breaker_sign(&b->service, SIGN_NONE, now, 0, 0, 0);
    journal_attempt_end(b, f->id, f->attempt, ATTEMPT_NOT_SENT, 0, n.cause);
    flight_event(f, EV_NOT_SENT, &n);
}
