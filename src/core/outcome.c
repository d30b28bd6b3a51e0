/* Two tables, read from the top: the first line that fits decides.
 *
 * An upload is the careful one: only Mindee's own answer settles it. Whoever counted the bytes said
 * whether it was sent; but even of what was called answered, a gateway's words (408, 502, 504, 52x,
 * a 500 without Mindee's error body, a redirect) leave it in doubt, as nobody knows what went on
 * behind the gateway. A 2xx in which no job id can be read, or that broke off, is worse than doubt:
 * somebody took the document. GETs cost nothing: what taught nothing is asked again. */
#include "core/outcome.h"

static bool is_success(int status)
{
    return status >= 200 && status <= 299;
}

/* A proxy's word: nothing that Mindee said. */
static bool is_proxys(int status)
{
    return status == 407;
}

static bool refuses_run(int status)
{
    return status == 401 || status == 402 || status == 403;
}

/* A fault as Mindee itself would report it, and not whatever stands in front of it. */
static bool is_own_fault(const struct outcome *o)
{
    bool gateway = o->status == 502 || o->status == 504 || (o->status >= 520 && o->status <= 529);
    return o->status >= 500 && o->status <= 599 && !gateway && (o->problem || o->status == 503);
}

static enum doc_event_kind submit_event(const struct outcome *o)
{
    if (o->delivery == DELIVERY_NOT_SENT)
        return o->source_changed ? EV_SOURCE_GONE : EV_NOT_SENT;
    if (is_success(o->status))
        return o->delivery == DELIVERY_ANSWERED && o->body_ok ? EV_ACCEPTED : EV_UNREADABLE;
    if (o->delivery == DELIVERY_IN_DOUBT)
        return EV_DOUBT;
    if (o->status == 429)
        return EV_LIMITED;
    if (refuses_run(o->status) || o->status == 404 || is_proxys(o->status))
        return EV_RUN_STOPPED;
    if (o->status >= 400 && o->status <= 499 && o->status != 408)
        return EV_REFUSED;
    return is_own_fault(o) ? EV_FAULT : EV_DOUBT;
}

/* Jobs that fail by a fault of the service are free, and worth another upload. */
static enum doc_event_kind job_event(const struct outcome *o)
{
    switch (o->job) {
    case JOB_PROCESSING:
        return EV_JOB_PROCESSING;
    case JOB_READY:
        return o->foreign_url ? EV_FOREIGN_URL : EV_JOB_READY;
    case JOB_FAILED:
        break;
    }
    int status = o->job_error_status;
    return status >= 500 || status == 408 || status == 429 ? EV_JOB_FAULT : EV_JOB_FAILED;
}

static enum doc_event_kind poll_event(const struct outcome *o)
{
    bool answered = o->delivery == DELIVERY_ANSWERED && !o->incomplete;
    if (answered && o->body_ok && (is_success(o->status) || o->status == 302))
        return job_event(o);
    if (o->foreign_url)
        return EV_FOREIGN_URL;
    if (o->cancelled)
        return EV_GIVE_UP;
    if (o->delivery != DELIVERY_ANSWERED)
        return EV_ASK_AGAIN;
    if (o->status == 404 || o->status == 410)
        return EV_JOB_GONE;
    return refuses_run(o->status) ? EV_RUN_STOPPED : EV_ASK_AGAIN;
}

static enum doc_event_kind fetch_event(const struct outcome *o)
{
    if (o->foreign_url)
        return EV_FOREIGN_URL;
    bool answered = o->delivery == DELIVERY_ANSWERED;
    if (answered && !o->incomplete && is_success(o->status))
        return o->body_ok ? EV_RESULT : EV_RESULT_INVALID;
    if (o->cancelled)
        return EV_GIVE_UP;
    if (!answered)
        return EV_ASK_AGAIN;
    if (o->status == 404 || o->status == 410)
        return EV_RESULT_GONE;
    return refuses_run(o->status) ? EV_RUN_STOPPED : EV_ASK_AGAIN;
}

enum doc_event_kind outcome_event(const struct outcome *o)
{
    switch (o->kind) {
    case REQUEST_SUBMIT:
        return submit_event(o);
    case REQUEST_POLL:
        return poll_event(o);
    case REQUEST_FETCH:
        break;
    }
    return fetch_event(o);
}

enum breaker_sign outcome_sign(const struct outcome *o)
{
    bool answered = o->delivery == DELIVERY_ANSWERED;
    if (o->cancelled || (!answered && (o->source_changed || o->foreign_url)))
        return SIGN_NONE;
    if (o->turned_away && !answered)
        return SIGN_BUSY;
    if (answered && o->status == 429)
        return SIGN_LIMITED;
    if (answered && (refuses_run(o->status) || (o->status == 404 && o->kind == REQUEST_SUBMIT)))
        return SIGN_REFUSES;
    if (o->kind == REQUEST_SUBMIT && is_success(o->status))
        return SIGN_UP; /* it was taken, read or not */
    if (!answered || o->incomplete)
        return SIGN_DOWN;
    if (is_success(o->status)) /* a whole answer to a fetch is the service's, if no result */
        return o->body_ok || o->kind == REQUEST_FETCH ? SIGN_UP : SIGN_DOWN;
    if (o->status >= 400 && o->status <= 499 && o->status != 408 && !is_proxys(o->status))
        return SIGN_UP;
    bool redirected = o->status == 302 && o->kind == REQUEST_POLL && o->body_ok;
    return redirected ? SIGN_UP : SIGN_DOWN;
}
