/* See upload.h. */
#include "batch/upload.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/notes.h"

#include <stdlib.h>

enum {
    STILL_MS = 2000,      /* without a byte: an upload stands still */
    LOOK_MS = 500,        /* between two looks at that, in a run that ends */
    PAUSE_FIRST_MS = 250, /* after files that can't be read for now */
    PAUSE_MOST_MS = 15000,
    ALONE_MOST = 3, /* tries for a file that can't while others can */
};

struct upload {
    struct run_context *context;
    struct upload_neighbours with;
    int out;
    bool begun;
    /* Files that intake could read and that can't be read for now. */
    int away;               /* uploads in a row that ended so */
    struct mono away_since; /* the first of them */
    struct mono read_at;    /* when a file was last read to its end */
    struct mono paused_until;
    int64_t pause_ms;
    int left_alone; /* documents whose file alone can't be read: the run doesn't wait for them */
};

/* What its answer is to come back with. */
struct upload_call {
    struct upload *upload;
    struct flight *flight;
    int attempt;
    struct mono began;
};

struct upload *upload_new(struct run_context *c, const struct upload_neighbours *with)
{
    struct upload *u = xcalloc(1, sizeof *u);
    u->context = c;
    u->with = *with;
    return u;
}

void upload_free(struct upload *u)
{
    free(u);
}

/* --- what came of it --- */

static struct outcome outcome_of(const struct mindee_response *r)
{
    struct outcome o = answer_facts(REQUEST_SUBMIT, r);
    o.body_ok = r->job != NULL && r->fault == MINDEE_OK;
    o.source_changed = r->fault == MINDEE_SOURCE_CHANGED || r->fault == MINDEE_SOURCE_ERROR;
    o.cancelled = o.cancelled || r->fault == MINDEE_SOURCE_AWAY; /* by us, and says nothing */
    return o;
}

/* --- files that can't be read for now --- */

/* Another time, then. From the second in a row on no more is sent for a while. */
static void source_away(struct upload *u, struct flight *f, const struct mindee_response *r)
{
    struct mono now = clock_mono(u->context->clock);
    if (u->away++ == 0)
        u->away_since = now;
    else
        u->pause_ms = u->pause_ms ? u->pause_ms * 2 : PAUSE_FIRST_MS;
    u->pause_ms = u->pause_ms < PAUSE_MOST_MS ? u->pause_ms : PAUSE_MOST_MS;
    u->paused_until = mono_add(now, u->pause_ms);
    if (f->away++ == 0)
        f->away_since = now;
    bool others = u->read_at.ms > f->away_since.ms;
    if (!f->left_alone && f->away >= ALONE_MOST && others) {
        f->left_alone = true;
        u->left_alone++;
    }
    LOG(f->away == 1 ? LOG_WARNING : LOG_DEBUG, "file.unreadable_now", LOG_INT("doc", f->id),
        LOG_STR("path", f->source.path), LOG_STR("reason", r->text),
        LOG_STR("next", "the document stays queued, and is tried again"));
}

static void source_read(struct upload *u, struct flight *f, const struct mindee_response *r)
{
    if (r->body_sent_bytes == 0)
        return;
    u->away = 0;
    u->pause_ms = 0;
    u->read_at = u->paused_until = clock_mono(u->context->clock);
    u->left_alone -= f->left_alone;
    f->left_alone = false;
    f->away = 0;
}

bool upload_files_away(const struct upload *u, struct mono now)
{
    return u->away > 1 && !mono_reached(now, u->paused_until);
}

bool upload_gave_files_up(const struct upload *u, struct mono now)
{
    return u->away > 1 && mono_diff(now, u->away_since) >= u->context->options->input_patience_ms;
}

struct mono upload_resumes_at(const struct upload *u)
{
    return u->away > 1 ? u->paused_until : MONO_NEVER;
}

int upload_left_alone(const struct upload *u)
{
    return u->left_alone;
}

/* --- a file that changed --- */

/* The file isn't what intake saw. Nothing is sent from it until it was looked at anew; the
 * document goes out from another of its files, if there is one. */
static enum doc_event_kind source_changed(struct upload *u, struct flight *f,
                                          const struct mindee_response *r)
{
    struct ledger *l = u->context->ledger;
    const char *known_as = f->source.known_as ? f->source.known_as : f->source.path;
    struct ledger_file known;
    struct ledger_source other;
    LOG(LOG_WARNING, "file.changed", LOG_INT("doc", f->id), LOG_STR("path", f->source.path),
        LOG_STR("detail", r->text));
    int found = ledger_file_find(l, known_as, &known);
    if (found >= 0) {
        note_file_changed(u->with.journal, f->source.file_id, "changed",
                          "the file changed or went away before it was sent; run again to send it "
                          "as it is now");
        if (found == 1 && known.id == f->source.file_id)
            find_changed(u->with.find, &f->source, known.root_id);
    }
    found = found < 0 ? found : ledger_document_source(l, f->id, 0, &other);
    if (found < 0)
        ending_storage_failed(u->with.ending);
    if (found != 1)
        return EV_SOURCE_GONE;
    ledger_source_release(&other);
    return EV_NOT_SENT;
}

/* It began and was never whole, again and again: something on the way doesn't let this document
 * through. Nothing was paid. */
static enum doc_event_kind cut_short(struct upload *u, struct flight *f, struct news *news)
{
    if (++f->cut_short <= u->context->options->retry.max_attempts)
        return EV_NOT_SENT;
    news->code = "cut-short";
    news->detail =
        "the upload was cut off before its end each time: perhaps a proxy or firewall on the "
        "way bounds the size; nothing was paid";
    return EV_REFUSED;
}

static void accepted(struct upload *u, struct flight *f, int attempt, const char *job_id)
{
    note_accepted(u->with.journal, f->id, attempt, job_id);
    if (attempt != f->attempt)
        return;
    text_copy(f->job_id, sizeof f->job_id, job_id);
    f->poll = (struct poll_job){0};
    f->taken_up = false;
    f->adopts = true;
    f->asked_until =
        mono_add(clock_mono(u->context->clock), u->context->options->polling.give_up_ms);
}

static void answered(struct upload *u, struct flight *f, int attempt,
                     const struct mindee_response *r)
{
    struct outcome o = outcome_of(r);
    struct news news;
    char cause[ANSWER_CAUSE_MAX];
    enum doc_event_kind kind = answer_read(u->with.answers, &o, r, &news, cause);
    if (f->dead)
        return;
    if (kind == EV_FAULT && pace_service_down(u->with.pace))
        kind = EV_LIMITED; /* a probe: the service's trouble, no attempt of this document's */
    if (o.source_changed)
        kind = source_changed(u, f, r);
    if (kind == EV_ACCEPTED)
        accepted(u, f, attempt, r->job->id);
    else
        note_attempt_end(u->with.journal, f->id, attempt, attempt_of_upload(kind), r->status,
                         cause);
    if (kind == EV_NOT_SENT && r->body_sent_bytes > 0 && !o.source_changed && !o.cancelled)
        kind = cut_short(u, f, &news);
    CRASH_POINT("upload_job_noted");
    news.late = attempt != f->attempt;
    news.known = !news.late && f->heard_of; /* a webhook was faster */
    flight_event(f, kind, &news);
    CRASH_POINT("upload_noted");
    if (kind == EV_ACCEPTED)
        suspects_accepted(u->with.suspects);
    else if (kind == EV_UNREADABLE && !o.cancelled)
        suspects_unreadable(u->with.suspects);
    else if (kind == EV_REFUSED && r->status)
        suspects_refused(u->with.suspects, f, r);
}

static void uploaded_cb(void *ctx, const struct mindee_response *r)
{
    struct upload_call *call = ctx;
    struct upload *u = call->upload;
    struct flight *f = call->flight;
    int attempt = call->attempt;
    struct mono began = call->began;
    free(call);
    CRASH_POINT("upload_answered");
    f->requests--;
    f->uploading = false;
    u->out--;
    if (r->fault == MINDEE_SOURCE_AWAY)
        source_away(u, f, r);
    else
        source_read(u, f, r);
    pace_answered(u->with.pace, PACE_POST, r);
    meter_answer(u->context->options->meter, METER_SUBMIT, r,
                 mono_diff(clock_mono(u->context->clock), began), true);
    answered(u, f, attempt, r);
    run_poke(u->context);
}

/* --- sending --- */

static void unsend(struct upload *u, struct flight *f, struct mono now, const char *cause)
{
    struct news n = {.cause = cause, .retry_after_ms = -1};
    pace_untake(u->with.pace, PACE_POST, now);
    note_attempt_end(u->with.journal, f->id, f->attempt, ATTEMPT_NOT_SENT, 0, n.cause);
    flight_event(f, EV_NOT_SENT, &n);
}

/* An answer that can't be read may have come since it was admitted. */
static bool has_room(const struct upload *u)
{
    size_t others = flights_count(u->with.flights, DOC_SUBMITTING) - 1;
    return suspects_room(u->with.suspects, others) > 0;
}

void upload_send(struct upload *u, struct flight *f, struct mono now)
{
    struct mindee_enqueue q = u->context->options->request;
    char name[256];
    struct mindee_file_stamp stamp = {f->source.stamp.size_bytes, f->source.stamp.mtime_ns,
                                      f->source.stamp.ctime_ns, f->source.stamp.inode};
    if (ending_life(u->with.ending) >= RUN_STOPPING || journal_was_down(u->with.journal)) {
        upload_unsend(u, f, now);
        return;
    }
    if (!has_room(u)) {
        unsend(u, f, now, "canary");
        return;
    }
    file_name_to_send(f->source.name, (enum file_type)f->type, name, sizeof name);
    q.path = f->source.path;
    q.stamp = &stamp;
    q.filename = name;
    q.content_type = file_type_mime((enum file_type)f->type);
    q.alias = f->alias;
    struct upload_call *call = xcalloc(1, sizeof *call);
    *call = (struct upload_call){u, f, f->attempt, now};
    CRASH_POINT("upload_begin");
    REQUIRE(mindee_enqueue(u->context->client, &q, uploaded_cb, call) == 0);
    f->requests++;
    f->uploading = true;
    u->out++;
    u->begun = true;
    CRASH_POINT("upload_begun");
}

void upload_unsend(struct upload *u, struct flight *f, struct mono now)
{
    unsend(u, f, now, "stopped");
}

/* --- the part --- */

/* A run that ends doesn't wait for uploads that stand still. */
void upload_turn(struct upload *u, struct mono now)
{
    (void)now;
    if (u->out > 0 && ending_has_begun(u->with.ending))
        mindee_client_cancel_stalled(u->context->client, STILL_MS);
}

struct mono upload_next(const struct upload *u, struct mono now)
{
    return u->out > 0 && ending_has_begun(u->with.ending) ? mono_add(now, LOOK_MS) : MONO_NEVER;
}

int upload_out(const struct upload *u)
{
    return u->out;
}

bool upload_has_begun(const struct upload *u)
{
    return u->begun;
}

/* Each is waited for, whatever became of its document meanwhile: its answer is the attempt's record.
 * Stopping at once waits for the uploads that are cut to say so. */
bool upload_busy(const struct upload *u)
{
    bool sending = flights_count(u->with.flights, DOC_SUBMITTING) > 0;
    return u->out > 0 || (sending && ending_life(u->with.ending) < RUN_STOPPING);
}
