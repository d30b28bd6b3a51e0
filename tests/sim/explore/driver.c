/* See driver.h.
 *
 * The order of a turn: callbacks note what happened (in `turn`, the ledger's open transaction), the
 * commit makes it durable, then each document's pending actions are done. So a crash before the
 * commit forgets what was noted, and one after it, before the actions, is one right after them: an
 * upload that never left is like one that never arrived.
 *
 * A run's end, too, is a crash after a commit: it forgets its memory and cuts what is on the wire.
 * A stop cuts uploads before (`not_sent`) and tells waiting GETs (`give_up`). */
#include "driver.h"

#include "base/require.h"
#include "ledger/document_ledger.h"

#include <string.h>

static struct record *record_of(struct driver *d, int attempt)
{
    REQUIRE(attempt >= 1 && attempt <= LIFE_ROOM);
    return &d->life->turn.records[attempt - 1];
}

static struct outside *outside_of(struct driver *d, int attempt)
{
    REQUIRE(attempt >= 1 && attempt <= LIFE_ROOM);
    return &d->life->outside[attempt - 1];
}

/* --- the flight --- */

static unsigned pending_of(const struct memory *m)
{
    return m->pending[0] | (unsigned)m->pending[1] << 8;
}

static void set_pending(struct memory *m, unsigned actions)
{
    m->pending[0] = (uint8_t)actions;
    m->pending[1] = (uint8_t)(actions >> 8);
}

static bool has_request(const struct life *l)
{
    for (int i = 0; i < LIFE_ROOM; i++) {
        const struct outside *o = &l->outside[i];
        if (o->upload == UPLOAD_OUT || o->upload == UPLOAD_TAKEN || o->poll || o->fetch)
            return true;
    }
    return false;
}

/* flight_new, of what ledger_document_get reads. */
static void load(struct driver *d)
{
    struct memory *m = &d->life->memory;
    const struct book *b = &d->life->turn;
    const struct record *newest = b->attempt ? &b->records[b->attempt - 1] : NULL;
    *m = (struct memory){.there = true,
                         .state = b->state,
                         .attempts = b->attempts,
                         .attempt = b->attempt,
                         .dismissed = b->dismissed};
    for (int i = 0; i < b->attempt; i++) {
        enum attempt_outcome outcome = (enum attempt_outcome)b->records[i].outcome;
        m->doubted |= attempt_is_in_doubt(outcome) || outcome == ATTEMPT_ACCEPTED ||
                      outcome == ATTEMPT_JOB_DONE;
    }
    m->resends = (uint8_t)book_resent_since_retry(b);
    m->has_job = newest && newest->job_id && newest->outcome != ATTEMPT_JOB_FAILED;
    m->unreadable = newest && newest->outcome == ATTEMPT_UNREADABLE;
}

static void take(struct driver *d)
{
    if (!d->life->memory.there)
        load(d);
}

/* Its requests' answers find nobody any more. */
static void lose_requests(struct life *l)
{
    for (int i = 0; i < LIFE_ROOM; i++) {
        struct outside *o = &l->outside[i];
        o->poll = o->fetch = GET_NONE;
        if (o->upload == UPLOAD_OUT)
            o->upload = UPLOAD_STRAY;
        else if (o->upload == UPLOAD_TAKEN)
            o->upload = UPLOAD_NONE;
    }
}

static bool is_uploading(const struct life *l)
{
    uint8_t upload = l->memory.attempt ? l->outside[l->memory.attempt - 1].upload : UPLOAD_NONE;
    return upload == UPLOAD_OUT || upload == UPLOAD_TAKEN;
}

static void retire(struct life *l)
{
    lose_requests(l);
    l->memory = (struct memory){0};
}

static void unpack(const struct memory *m, struct document *doc)
{
    *doc = (struct document){
        .state = (enum doc_state)m->state,
        .has_job = m->has_job,
        .unreadable = m->unreadable,
        .asked_again = m->asked_again,
        .attempts = m->attempts,
        .invalid_results = m->invalid_results,
        .doubted = m->doubted,
        .resends = m->resends,
        .charged = m->charged,
        .resend_if_gone = m->resend_if_gone,
        .dismissed = m->dismissed,
    };
}

static void pack(const struct document *doc, struct memory *m)
{
    REQUIRE(doc->charged >= 0 && doc->charged < 200 && doc->resends < 200);
    m->state = (uint8_t)doc->state;
    m->has_job = doc->has_job;
    m->unreadable = doc->unreadable;
    m->asked_again = doc->asked_again;
    m->attempts = (uint8_t)doc->attempts;
    m->invalid_results = (uint8_t)doc->invalid_results;
    m->doubted = doc->doubted;
    m->resends = (uint8_t)doc->resends;
    m->charged = (uint8_t)doc->charged;
    m->resend_if_gone = doc->resend_if_gone;
    m->dismissed = doc->dismissed;
}

/* --- notes --- */

static void note_end(struct driver *d, int attempt, enum attempt_outcome outcome)
{
    struct record *r = record_of(d, attempt);
    r->outcome = (uint8_t)attempt_learn((enum attempt_outcome)r->outcome, outcome);
}

static void note_accepted(struct driver *d, int attempt)
{
    note_end(d, attempt, ATTEMPT_ACCEPTED);
    record_of(d, attempt)->job_id = true;
}

/* Of the newest attempt up to ATTEMPT that may have cost something, or is counted. */
static void mark_resent(struct driver *d, int attempt, bool resent)
{
    while (attempt > 0 && !record_of(d, attempt)->resent &&
           attempt_is_free((enum attempt_outcome)record_of(d, attempt)->outcome))
        attempt--;
    if (attempt > 0)
        record_of(d, attempt)->resent = resent;
}

static void write_step(struct driver *d, enum doc_state from, const struct told *told,
                       const struct doc_step *step)
{
    struct book *b = &d->life->turn;
    if (told->late && from == DOC_SUBMITTING && step->state != from)
        note_end(d, d->life->memory.attempt, ATTEMPT_IN_DOUBT);
    if (step->actions & DO_STORE && !b->result_of)
        b->result_of = (uint8_t)told->attempt;
    if (step->actions & DO_KEEP_BYTES)
        b->kept = true;
    if (step->actions & DO_COUNT_RESEND)
        mark_resent(d, d->life->memory.attempt, true);
    if (step->actions & DO_UNCOUNT_RESEND)
        mark_resent(d, d->life->memory.attempt, false);
    if (step->actions & DO_PERSIST) {
        b->state = (uint8_t)step->state;
        b->attempts = (uint8_t)step->next.attempts;
        b->dismissed = step->next.dismissed;
    }
}

/* --- flight_event --- */

static void put_away_if_idle(struct life *l)
{
    const struct memory *m = &l->memory;
    if (!m->wake && !pending_of(m) && !has_request(l) && !m->parked)
        retire(l);
}

static void check_told(struct driver *d, enum doc_event_kind kind, const struct told *told,
                       const struct document *before, const struct doc_step *step)
{
    bool older = told->attempt && told->attempt < d->life->memory.attempt;
    bool moved = step->state != before->state || step->actions & DO_SOMETHING_NEXT;
    bool own_work = before->state == DOC_PROCESSING || before->state == DOC_READY;
    if (before->state == DOC_STORED && step->state != DOC_STORED)
        complain(d->complaint, "a stored document is %s", doc_state_names[step->state]);
    /* A document that failed for a reason in itself failed, whichever attempt says so; but a job
     * that is running is asked for itself. */
    if (older && moved && !doc_state_is_final(before->state) && kind != EV_RESULT &&
        (kind != EV_JOB_FAILED || own_work))
        complain(d->complaint, "an older attempt's %s moves the current one",
                 doc_event_names[kind]);
    if (before->dismissed && kind != EV_RETRY && step->state == DOC_QUEUED)
        complain(d->complaint, "dismissed, and to be sent again by %s", doc_event_names[kind]);
    if (before->unreadable && kind == EV_RESEND && step->state == DOC_QUEUED)
        complain(d->complaint, "sent again after a 202 that can't be read, and nobody said so");
}

void driver_event(struct driver *d, enum doc_event_kind kind, const struct told *told)
{
    static const struct told nothing = {0};
    const struct told *t = told ? told : &nothing;
    struct memory *m = &d->life->memory;
    struct doc_policy policy = {.max_attempts = LIFE_MAX_ATTEMPTS,
                                .first_delay_ms = 500,
                                .max_delay_ms = 90000,
                                .resend_in_doubt = d->rules->resend,
                                .max_resends = LIFE_MAX_RESENDS};
    struct doc_event event = {
        .kind = kind, .late = t->late, .known = t->known, .retry_after_ms = -1};
    struct mono now = {t->fresh ? 0 : LIFE_LONG_AFTER_MS};
    struct document doc;
    struct doc_step step;
    unpack(m, &doc);
    if (!document_step(&doc, &event, &policy, now, &step)) {
        complain(d->complaint, "%s is refused in %s", doc_event_names[kind],
                 doc_state_names[doc.state]);
        return;
    }
    check_told(d, kind, t, &doc, &step);
    bool moves = step.state != doc.state || step.actions & DO_SOMETHING_NEXT;
    if (moves)
        m->parked = false;
    pack(&step.next, m);
    int resent = book_resent(&d->life->turn);
    write_step(d, doc.state, t, &step);
    if (kind == EV_RETRY)
        d->life->turn.retried = m->attempt;
    if (!d->rules->resend && book_resent(&d->life->turn) > resent && !d->life->user_was)
        complain(d->complaint, "resent in spite of hold, by %s", doc_event_names[kind]);
    if (!moves) {
        put_away_if_idle(d->life);
        return;
    }
    m->wake = LIFE_WAKE_NONE;
    set_pending(m, (pending_of(m) & DO_STORE) | step.actions);
}

/* --- the turn --- */

bool driver_must_commit(const struct life *l)
{
    return pending_of(&l->memory) || memcmp(&l->turn, &l->ledger, sizeof l->turn) != 0;
}

static void upload_unsend(struct driver *d)
{
    int attempt = d->life->memory.attempt;
    note_end(d, attempt, ATTEMPT_NOT_SENT);
    driver_event(d, EV_NOT_SENT, &(struct told){.attempt = attempt});
}

static void go_on(struct driver *d, unsigned pending, bool send)
{
    struct memory *m = &d->life->memory;
    if (pending & DO_SUBMIT && send)
        outside_of(d, m->attempt)->upload = UPLOAD_OUT;
    else if (pending & DO_SUBMIT)
        upload_unsend(d);
    else if (pending & (DO_QUEUE | DO_QUEUE_HEAD))
        m->wake = LIFE_WAKE_QUEUE;
    else if (pending & DO_FETCH)
        m->wake = LIFE_WAKE_FETCH;
    else if (pending & DO_POLL)
        m->wake = LIFE_WAKE_POLL;
    else if (pending & DO_RESEND_AFTER)
        m->wake = LIFE_WAKE_RESEND;
}

void driver_commit(struct driver *d, bool send)
{
    struct life *l = d->life;
    unsigned pending = pending_of(&l->memory);
    bool open_job = l->memory.state == DOC_PROCESSING || l->memory.state == DOC_READY;
    l->ledger = l->turn;
    set_pending(&l->memory, 0);
    if (!pending)
        return;
    if (!(pending & DO_FORGET))
        go_on(d, pending, send);
    else if (open_job || l->memory.state == DOC_IN_DOUBT)
        l->memory.parked = true;
    else if (!is_uploading(l)) /* else its upload's end says the same */
        retire(l);
}

void driver_crash(struct driver *d)
{
    retire(d->life);
    d->life->turn = d->life->ledger;
    d->life->up = d->life->suspect = false;
}

/* --- recover --- */

void driver_start(struct driver *d)
{
    struct life *l = d->life;
    l->up = true;
    if (l->turn.state != DOC_SUBMITTING)
        return;
    load(d);
    bool failed = record_of(d, l->memory.attempt)->outcome == ATTEMPT_JOB_FAILED;
    note_end(d, l->memory.attempt, ATTEMPT_IN_DOUBT);
    driver_event(d, EV_RESTART, &(struct told){.known = failed});
}

bool driver_may_take_up(const struct rules *rules, const struct life *l)
{
    bool job = l->turn.state == DOC_PROCESSING || l->turn.state == DOC_READY;
    bool doubt = l->turn.state == DOC_IN_DOUBT && rules->resend && !l->turn.dismissed;
    return l->up && !l->memory.there && (job || doubt);
}

void driver_take_up(struct driver *d)
{
    bool doubt = d->life->turn.state == DOC_IN_DOUBT;
    load(d);
    driver_event(d, doubt && !d->rules->webhooks ? EV_RESEND : EV_RESTART, NULL);
}

/* --- sending --- */

bool driver_may_admit(const struct life *l)
{
    bool waits = !l->memory.there || l->memory.wake == LIFE_WAKE_QUEUE;
    return l->up && l->turn.state == DOC_QUEUED && waits;
}

void driver_admit(struct driver *d)
{
    struct life *l = d->life;
    take(d);
    l->turn.attempt++;
    *record_of(d, l->turn.attempt) = (struct record){.outcome = ATTEMPT_OPEN};
    l->memory.attempt = l->turn.attempt;
    l->memory.heard_of = l->gone = l->foreign = false;
    driver_event(d, EV_ADMIT, NULL);
}

void driver_source_gone(struct driver *d)
{
    take(d);
    driver_event(d, EV_SOURCE_GONE, NULL);
    d->life->gone = d->life->memory.state == DOC_IN_DOUBT;
}

void driver_send_get(struct driver *d)
{
    struct memory *m = &d->life->memory;
    struct outside *o = outside_of(d, m->attempt);
    uint8_t sent = (uint8_t)(GET_OUT + o->job);
    if (!record_of(d, m->attempt)->job_id)
        complain(d->complaint, "a job is asked for whose id isn't known");
    if (m->wake == LIFE_WAKE_POLL)
        o->poll = sent;
    else
        o->fetch = sent;
    m->wake = LIFE_WAKE_NONE;
}

void driver_resend(struct driver *d)
{
    d->life->memory.wake = LIFE_WAKE_NONE;
    driver_event(d, EV_RESEND, NULL);
}

bool driver_may_acquit(const struct life *l)
{
    return l->suspect && l->turn.state == DOC_FAILED;
}

void driver_acquit(struct driver *d)
{
    d->life->suspect = false;
    take(d);
    driver_event(d, EV_RUN_STOPPED, NULL);
}

/* --- people --- */

bool driver_may_retry(const struct life *l)
{
    if (!l->up || pending_of(&l->memory) || l->suspect) /* retry is a run's beginning */
        return false;
    if (l->memory.there)
        return l->memory.state == DOC_IN_DOUBT;
    return l->turn.state == DOC_FAILED || l->turn.state == DOC_LOST ||
           l->turn.state == DOC_IN_DOUBT;
}

void driver_retry(struct driver *d)
{
    take(d);
    d->life->user_was = true;
    driver_event(d, EV_RETRY, NULL);
}

/* With a run or without one; what is in memory, and on the wire, is as it is. */
bool driver_may_dismiss(const struct life *l)
{
    return doc_state_can_be_dismissed((enum doc_state)l->turn.state) && !l->turn.dismissed;
}

void driver_dismiss(struct driver *d)
{
    bool up = d->life->up;
    take(d);
    driver_event(d, EV_DISMISS, NULL);
    if (up)
        return;
    driver_commit(d, true); /* the command's own, beside no run */
    retire(d->life);
}

void driver_file_again(struct driver *d)
{
    d->life->user_was = true;
    d->life->turn.state = DOC_QUEUED;
}

bool driver_may_be_found(const struct rules *rules, const struct life *l)
{
    return rules->resend && l->memory.parked && l->turn.state == DOC_IN_DOUBT &&
           !pending_of(&l->memory);
}

void driver_found(struct driver *d)
{
    d->life->memory.parked = false;
    driver_event(d, d->rules->webhooks ? EV_RESTART : EV_RESEND, NULL);
}

/* --- answers --- */

static struct told answer_to(const struct driver *d, int attempt)
{
    return (struct told){.attempt = attempt, .late = attempt != d->life->memory.attempt};
}

static void upload_ended(struct driver *d, int attempt, enum doc_event_kind kind)
{
    struct told t = answer_to(d, attempt);
    t.known = !t.late && d->life->memory.heard_of;
    driver_event(d, kind, &t);
}

void driver_uploaded(struct driver *d, int attempt, enum doc_event_kind kind)
{
    if (kind == EV_ACCEPTED)
        note_accepted(d, attempt);
    else
        note_end(d, attempt, attempt_of_upload(kind));
    upload_ended(d, attempt, kind);
    if (kind == EV_REFUSED)
        d->life->suspect = true;
    if (kind == EV_SOURCE_GONE)
        d->life->gone = d->life->memory.state == DOC_IN_DOUBT;
}

void driver_upload_cut_short(struct driver *d, int attempt)
{
    note_end(d, attempt, ATTEMPT_NOT_SENT);
    upload_ended(d, attempt, EV_REFUSED);
}

void driver_polled(struct driver *d, int attempt, enum doc_event_kind kind, bool fresh)
{
    struct told t = answer_to(d, attempt);
    t.fresh = fresh;
    driver_event(d, kind, &t);
    if (kind == EV_JOB_FAILED || kind == EV_JOB_FAULT)
        note_end(d, attempt, ATTEMPT_JOB_FAILED);
    if (kind == EV_JOB_FAILED && !t.late)
        d->life->suspect = true;
}

void driver_fetched(struct driver *d, int attempt, enum doc_event_kind kind)
{
    struct told t = answer_to(d, attempt);
    t.known = true;
    if (kind == EV_RESULT)
        note_end(d, attempt, ATTEMPT_JOB_DONE);
    driver_event(d, kind, &t);
}

static void ask_now(struct driver *d, int attempt)
{
    const struct memory *m = &d->life->memory;
    if (m->there && attempt == m->attempt && m->state == DOC_PROCESSING && !has_request(d->life))
        driver_event(d, EV_RESTART, NULL);
}

void driver_webhook(struct driver *d, int attempt)
{
    const struct outside *o = outside_of(d, attempt);
    struct record *r = record_of(d, attempt);
    bool failed = o->job == JOB_FAILED_422 || o->job == JOB_FAILED_500;
    bool known = attempt_is_known((enum attempt_outcome)r->outcome);
    if (failed && r->job_id && !d->rules->trusting) {
        ask_now(d, attempt);
        return;
    }
    take(d);
    if (pending_of(&d->life->memory) & DO_SUBMIT)
        upload_unsend(d);
    struct told t = answer_to(d, attempt);
    t.known = known;
    d->life->memory.heard_of |= !t.late;
    if (!failed && !known)
        note_accepted(d, attempt);
    note_end(d, attempt, failed ? ATTEMPT_JOB_FAILED : ATTEMPT_JOB_DONE);
    driver_event(d, attempt_webhook_event(failed, o->job == JOB_FAILED_500 ? 500 : 422), &t);
}
