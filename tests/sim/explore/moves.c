/* See moves.h.
 *
 * Mindee's books are the truth, and answers tell it, but late: a GET is answered with what was true
 * at any time since it left. A webhook comes at any time after its job is over, any number of times.
 * What Mindee can't do isn't possible here: an upload that was refused has no job, a job that is
 * done or has failed stays so, one that is done can't be had for ever (`job_expires`). */
#include "moves.h"

#include "base/require.h"

const char *const move_names[MOVE_COUNT] = {
    [MOVE_ARRIVES] = "arrives",
    [MOVE_JOB_DONE] = "job_done",
    [MOVE_JOB_FAILS_422] = "job_fails_422",
    [MOVE_JOB_FAILS_500] = "job_fails_500",
    [MOVE_JOB_EXPIRES] = "job_expires",
    [MOVE_NOT_SENT] = "not_sent",
    [MOVE_CUT_SHORT] = "cut_short",
    [MOVE_SOURCE_CHANGED] = "source_changed",
    [MOVE_ANSWER_429] = "answer_429",
    [MOVE_ANSWER_500] = "answer_500",
    [MOVE_ANSWER_400] = "answer_400",
    [MOVE_ANSWER_401] = "answer_401",
    [MOVE_NO_ANSWER] = "no_answer",
    [MOVE_ANSWER_202] = "answer_202",
    [MOVE_UNREADABLE_202] = "unreadable_202",
    [MOVE_POLL_RUNS] = "poll_runs",
    [MOVE_POLL_READY] = "poll_ready",
    [MOVE_POLL_FAILED] = "poll_failed",
    [MOVE_POLL_404_FRESH] = "poll_404_fresh",
    [MOVE_POLL_404] = "poll_404",
    [MOVE_POLL_AGAIN] = "poll_again",
    [MOVE_POLL_GIVES_UP] = "poll_gives_up",
    [MOVE_POLL_FOREIGN] = "poll_foreign",
    [MOVE_POLL_401] = "poll_401",
    [MOVE_FETCH_RESULT] = "fetch_result",
    [MOVE_FETCH_INVALID] = "fetch_invalid",
    [MOVE_FETCH_404] = "fetch_404",
    [MOVE_FETCH_AGAIN] = "fetch_again",
    [MOVE_FETCH_GIVES_UP] = "fetch_gives_up",
    [MOVE_FETCH_FOREIGN] = "fetch_foreign",
    [MOVE_FETCH_401] = "fetch_401",
    [MOVE_WEBHOOK] = "webhook",
    [MOVE_START] = "start",
    [MOVE_CRASH] = "crash",
    [MOVE_COMMIT] = "commit",
    [MOVE_COMMIT_STOPPED] = "commit_stopped",
    [MOVE_TAKE_UP] = "take_up",
    [MOVE_ADMIT] = "admit",
    [MOVE_SOURCE_GONE] = "source_gone",
    [MOVE_SEND_GET] = "send_get",
    [MOVE_RESEND] = "resend",
    [MOVE_CANARY] = "canary",
    [MOVE_RETRY] = "retry",
    [MOVE_DISMISS] = "dismiss",
    [MOVE_FILE_AGAIN] = "file_again",
    [MOVE_FOUND] = "found",
};

bool move_is_of_attempt(enum move_kind kind)
{
    return kind <= MOVE_WEBHOOK;
}

/* --- what is possible --- */

static bool mindee_may(const struct outside *o, enum move_kind kind)
{
    if (kind == MOVE_ARRIVES)
        return o->upload == UPLOAD_OUT || o->upload == UPLOAD_STRAY;
    if (kind == MOVE_JOB_EXPIRES)
        return o->job == JOB_DONE;
    return o->job == JOB_RUNS;
}

static bool upload_may(const struct outside *o, enum move_kind kind)
{
    if (kind == MOVE_ANSWER_202 || kind == MOVE_UNREADABLE_202)
        return o->upload == UPLOAD_TAKEN;
    return o->upload == UPLOAD_OUT || (kind == MOVE_NO_ANSWER && o->upload == UPLOAD_TAKEN);
}

/* The job was in STATE at some time since the GET left. */
static bool was_since(uint8_t get, const struct outside *o, enum job state)
{
    enum job then = (enum job)(get - GET_OUT), now = (enum job)o->job;
    bool on_the_way = then == JOB_RUNS && now == JOB_EXPIRED && state == JOB_DONE;
    return then == state || now == state || on_the_way;
}

static bool poll_may(const struct outside *o, enum move_kind kind)
{
    if (!o->poll)
        return false;
    switch (kind) {
    case MOVE_POLL_RUNS:
        return was_since(o->poll, o, JOB_RUNS);
    case MOVE_POLL_READY:
    case MOVE_POLL_FOREIGN:
        return was_since(o->poll, o, JOB_DONE);
    case MOVE_POLL_FAILED:
        return o->job == JOB_FAILED_422 || o->job == JOB_FAILED_500;
    case MOVE_POLL_404:
        return o->job == JOB_EXPIRED;
    default:
        return true;
    }
}

static bool fetch_may(const struct outside *o, enum move_kind kind)
{
    if (!o->fetch)
        return false;
    bool answers = kind == MOVE_FETCH_RESULT || kind == MOVE_FETCH_INVALID;
    return !answers || was_since(o->fetch, o, JOB_DONE);
}

static bool attempt_move_is_possible(const struct rules *rules, const struct life *l, struct move m)
{
    const struct outside *o = &l->outside[m.attempt - 1];
    if (m.kind <= MOVE_JOB_EXPIRES)
        return mindee_may(o, (enum move_kind)m.kind);
    if (m.kind <= MOVE_UNREADABLE_202)
        return upload_may(o, (enum move_kind)m.kind);
    if (m.kind <= MOVE_POLL_401)
        return poll_may(o, (enum move_kind)m.kind);
    if (m.kind <= MOVE_FETCH_401)
        return fetch_may(o, (enum move_kind)m.kind);
    return rules->webhooks && l->up && o->job > JOB_RUNS;
}

static bool may_send_get(const struct life *l)
{
    const struct memory *m = &l->memory;
    const struct outside *o = &l->outside[m->attempt ? m->attempt - 1 : 0];
    return (m->wake == LIFE_WAKE_POLL && !o->poll) || (m->wake == LIFE_WAKE_FETCH && !o->fetch);
}

static bool submits(const struct life *l)
{
    return (l->memory.pending[0] & DO_SUBMIT) != 0;
}

bool move_is_possible(const struct rules *rules, const struct life *l, struct move m)
{
    if (move_is_of_attempt((enum move_kind)m.kind))
        return m.attempt >= 1 && attempt_move_is_possible(rules, l, m);
    switch ((enum move_kind)m.kind) {
    case MOVE_START:
        return !l->up;
    case MOVE_CRASH:
        return l->up;
    case MOVE_COMMIT:
        return driver_must_commit(l);
    case MOVE_COMMIT_STOPPED:
        return submits(l);
    case MOVE_TAKE_UP:
        return driver_may_take_up(rules, l);
    case MOVE_ADMIT:
        return driver_may_admit(l) && l->turn.attempt < rules->attempts;
    case MOVE_SOURCE_GONE:
        return driver_may_admit(l);
    case MOVE_SEND_GET:
        return may_send_get(l);
    case MOVE_RESEND:
        return l->memory.wake == LIFE_WAKE_RESEND;
    case MOVE_CANARY:
        return driver_may_acquit(l);
    case MOVE_RETRY:
        return rules->user && driver_may_retry(l);
    case MOVE_DISMISS:
        return rules->user && driver_may_dismiss(l);
    case MOVE_FILE_AGAIN:
        return rules->user && l->up && !l->memory.there && l->turn.state == DOC_REJECTED &&
               !l->turn.dismissed;
    case MOVE_FOUND:
        return driver_may_be_found(rules, l);
    default:
        return false;
    }
}

/* --- making one --- */

static void mindee_makes(struct outside *o, enum move_kind kind)
{
    static const uint8_t job_after[] = {
        [MOVE_ARRIVES] = JOB_RUNS,
        [MOVE_JOB_DONE] = JOB_DONE,
        [MOVE_JOB_FAILS_422] = JOB_FAILED_422,
        [MOVE_JOB_FAILS_500] = JOB_FAILED_500,
        [MOVE_JOB_EXPIRES] = JOB_EXPIRED,
    };
    if (kind == MOVE_ARRIVES)
        o->upload = o->upload == UPLOAD_OUT ? UPLOAD_TAKEN : UPLOAD_NONE;
    o->job = job_after[kind];
}

static void upload_ends(struct driver *d, struct move m)
{
    static const enum doc_event_kind events[] = {
        [MOVE_NOT_SENT] = EV_NOT_SENT,         [MOVE_SOURCE_CHANGED] = EV_SOURCE_GONE,
        [MOVE_ANSWER_429] = EV_LIMITED,        [MOVE_ANSWER_500] = EV_FAULT,
        [MOVE_ANSWER_400] = EV_REFUSED,        [MOVE_ANSWER_401] = EV_RUN_STOPPED,
        [MOVE_NO_ANSWER] = EV_DOUBT,           [MOVE_ANSWER_202] = EV_ACCEPTED,
        [MOVE_UNREADABLE_202] = EV_UNREADABLE,
    };
    struct outside *o = &d->life->outside[m.attempt - 1];
    bool may_arrive = m.kind == MOVE_NO_ANSWER && o->upload == UPLOAD_OUT;
    o->upload = may_arrive ? UPLOAD_STRAY : UPLOAD_NONE;
    if (m.kind == MOVE_CUT_SHORT)
        driver_upload_cut_short(d, m.attempt);
    else
        driver_uploaded(d, m.attempt, events[m.kind]);
}

static void poll_ends(struct driver *d, struct move m)
{
    static const enum doc_event_kind events[] = {
        [MOVE_POLL_RUNS] = EV_JOB_PROCESSING, [MOVE_POLL_READY] = EV_JOB_READY,
        [MOVE_POLL_404_FRESH] = EV_JOB_GONE,  [MOVE_POLL_404] = EV_JOB_GONE,
        [MOVE_POLL_AGAIN] = EV_ASK_AGAIN,     [MOVE_POLL_GIVES_UP] = EV_GIVE_UP,
        [MOVE_POLL_FOREIGN] = EV_FOREIGN_URL, [MOVE_POLL_401] = EV_RUN_STOPPED,
    };
    struct outside *o = &d->life->outside[m.attempt - 1];
    enum doc_event_kind kind = events[m.kind];
    o->poll = GET_NONE;
    d->life->foreign |= m.kind == MOVE_POLL_FOREIGN;
    if (m.kind == MOVE_POLL_FAILED)
        kind = attempt_webhook_event(true, o->job == JOB_FAILED_500 ? 500 : 422);
    driver_polled(d, m.attempt, kind, m.kind == MOVE_POLL_404_FRESH);
}

static void fetch_ends(struct driver *d, struct move m)
{
    static const enum doc_event_kind events[] = {
        [MOVE_FETCH_RESULT] = EV_RESULT,    [MOVE_FETCH_INVALID] = EV_RESULT_INVALID,
        [MOVE_FETCH_404] = EV_RESULT_GONE,  [MOVE_FETCH_AGAIN] = EV_ASK_AGAIN,
        [MOVE_FETCH_GIVES_UP] = EV_GIVE_UP, [MOVE_FETCH_FOREIGN] = EV_FOREIGN_URL,
        [MOVE_FETCH_401] = EV_RUN_STOPPED,
    };
    d->life->outside[m.attempt - 1].fetch = GET_NONE;
    d->life->foreign |= m.kind == MOVE_FETCH_FOREIGN;
    driver_fetched(d, m.attempt, events[m.kind]);
}

typedef void simple_fn(struct driver *d);

static void commit(struct driver *d)
{
    driver_commit(d, true);
}

static void commit_stopped(struct driver *d)
{
    driver_commit(d, false);
}

static void others_make(struct driver *d, enum move_kind kind)
{
    static simple_fn *const simple[MOVE_COUNT] = {
        [MOVE_START] = driver_start,
        [MOVE_CRASH] = driver_crash,
        [MOVE_COMMIT] = commit,
        [MOVE_COMMIT_STOPPED] = commit_stopped,
        [MOVE_TAKE_UP] = driver_take_up,
        [MOVE_ADMIT] = driver_admit,
        [MOVE_SOURCE_GONE] = driver_source_gone,
        [MOVE_SEND_GET] = driver_send_get,
        [MOVE_RESEND] = driver_resend,
        [MOVE_CANARY] = driver_acquit,
        [MOVE_RETRY] = driver_retry,
        [MOVE_DISMISS] = driver_dismiss,
        [MOVE_FILE_AGAIN] = driver_file_again,
        [MOVE_FOUND] = driver_found,
    };
    REQUIRE(simple[kind] != NULL);
    simple[kind](d);
}

void move_make(const struct rules *rules, const struct life *before, struct move m,
               struct life *after, struct complaint *c)
{
    *after = *before;
    struct driver d = {.rules = rules, .life = after, .complaint = c};
    if (m.kind <= MOVE_JOB_EXPIRES)
        mindee_makes(&after->outside[m.attempt - 1], (enum move_kind)m.kind);
    else if (m.kind <= MOVE_UNREADABLE_202)
        upload_ends(&d, m);
    else if (m.kind <= MOVE_POLL_401)
        poll_ends(&d, m);
    else if (m.kind <= MOVE_FETCH_401)
        fetch_ends(&d, m);
    else if (m.kind == MOVE_WEBHOOK)
        driver_webhook(&d, m.attempt);
    else
        others_make(&d, (enum move_kind)m.kind);
}
