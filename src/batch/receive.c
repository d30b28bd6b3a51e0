/* See receive.h. */
#include "batch/receive.h"

#include "base/array.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/notes.h"
#include "ledger/document_ledger.h"
#include "ledger/webhooks.h"
#include "webhook/webhook_router.h"

#include <stdlib.h>
#include <string.h>

enum {
    CLOSE_GRACE_MS = 2000,
    GIVE_UP_HOPE_AFTER = 3, /* jobs found done by polling before any webhook came */
    LEARN_AFTER = 20,       /* webhooks until their delay is believed */
    LEAST_FALLBACK_MS = 5000,
    QUIET_MS = 5000, /* a run that only receives ends when none has come for so long */
};

struct receive {
    struct run_context *context;
    struct upload_neighbours with;
    struct upload *upload;
    struct webhook_router *router; /* NULL: none are taken */
    bool own;                      /* nobody else's: closed with the run */
    struct mono started_at;        /* MONO_NEVER: not yet; no turn would commit what came */
    struct mono heard_at;          /* the last delivery that was offered, or the start */
    struct webhook_route route;
    struct webhook_delivery **held;           /* noted, and answered after the commit */
    size_t held_count, held_capacity, sealed; /* the first ones of the commit that has begun */
    int64_t arrived;                          /* matched deliveries */
    int64_t longest_ms;                       /* from the 202 to the webhook, slowly forgotten */
    int64_t missed;                           /* jobs found done by polling */
    bool hopeless;
};

/* --- matching --- */

struct match {
    int64_t document;
    int attempt;
    bool known;   /* its attempt is on record as accepted, done or failed */
    bool has_job; /* its attempt's job id is on record */
};

/* 1 and *M, 0: it is nobody's here; or an error. */
static int find_match(struct receive *r, const struct mindee_inference *i, struct match *m)
{
    struct ledger *l = r->context->ledger;
    struct ledger_attempt a;
    int by_job = *i->job_id ? ledger_find_by_job(l, i->job_id, &m->document, &m->attempt) : 0;
    int found = by_job;
    if (found == 0 && *i->alias)
        found = ledger_find_by_alias(l, i->alias, &m->document, &m->attempt);
    if (found != 1)
        return found;
    int rc = ledger_attempt_get(l, m->document, m->attempt, &a);
    if (rc < 0)
        return rc;
    m->has_job = a.job_id[0] != '\0';
    m->known = attempt_is_known(a.outcome);
    bool another_job = !by_job && m->has_job && *i->job_id;
    return another_job ? 0 : 1;
}

static void learn_delay(struct receive *r, const struct flight *f)
{
    int64_t delay = mono_diff(clock_mono(r->context->clock), f->doc.accepted_at);
    r->arrived++;
    r->missed = 0;
    if (r->hopeless)
        LOG(LOG_INFO, "webhook.reached",
            LOG_STR("what", "a webhook came after all: results are waited for again"));
    r->hopeless = false;
    r->longest_ms -= r->longest_ms / 64;
    if (f->doc.state == DOC_PROCESSING && delay > r->longest_ms)
        r->longest_ms = delay;
}

/* What the attempt's record says from now on. */
static void note_attempt(struct receive *r, const struct match *m, const struct mindee_webhook *w)
{
    bool failed = w->kind == MINDEE_WEBHOOK_FAILURE;
    if (*w->inference.job_id && !m->known && !failed)
        note_accepted(r->with.journal, m->document, m->attempt, w->inference.job_id);
    note_attempt_end(r->with.journal, m->document, m->attempt,
                     failed ? ATTEMPT_JOB_FAILED : ATTEMPT_JOB_DONE,
                     failed ? w->problem.status : 200, failed ? w->problem.code : "webhook");
}

static bool receives_only(const struct receive *r)
{
    return r->context->options->mode == RUN_RECEIVES;
}

static bool is_asked_for(const struct flight *f, const struct match *m)
{
    return m->attempt == f->attempt && f->doc.state == DOC_PROCESSING;
}

/* A failure of a job that is known: it is asked for at once, unless it is being asked for already.
 * What isn't in memory will be when its turn to be taken up comes; a run that only receives takes
 * up no others. */
static void ask_now(struct receive *r, const struct match *m)
{
    struct flight *f = flight_find(r->with.flights, m->document);
    if (!f && receives_only(r)) {
        f = flight_take(r->with.flights, m->document);
        if (f && !is_asked_for(f, m))
            flight_retire(f);
    }
    if (!f || f->dead || !is_asked_for(f, m))
        return;
    learn_delay(r, f);
    f->hinted = true;
    if (f->requests == 0)
        flight_event(f, EV_RESTART, &(struct news){.cause = "webhook", .retry_after_ms = -1});
}

static void tell_document(struct receive *r, const struct match *m, const struct mindee_webhook *w,
                          const char *body, size_t len)
{
    bool failed = w->kind == MINDEE_WEBHOOK_FAILURE;
    if (failed && m->has_job) {
        ask_now(r, m);
        return;
    }
    struct flight *f = flight_take(r->with.flights, m->document);
    if (!f)
        return;
    learn_delay(r, f);
    if (f->pending & DO_SUBMIT) /* admitted in this turn, and not on the wire yet */
        upload_unsend(r->upload, f, clock_mono(r->context->clock));
    struct news n = {.cause = "webhook",
                     .code = failed ? w->problem.code : NULL,
                     .detail = failed ? w->problem.detail : NULL,
                     .body = body,
                     .body_len = len,
                     .page_count = w->inference.page_count,
                     .retry_after_ms = -1,
                     .late = m->attempt != f->attempt,
                     .known = m->known};
    enum doc_event_kind kind = attempt_webhook_event(failed, w->problem.status);
    note_attempt(r, m, w);
    f->heard_of = f->heard_of || !n.late;
    if (!n.late && *w->inference.job_id)
        text_copy(f->job_id, sizeof f->job_id, w->inference.job_id);
    flight_event(f, kind, &n);
}

static bool keep_orphan(struct receive *r, const struct mindee_webhook *w, const char *body,
                        size_t len)
{
    if (w)
        return note_orphan(r->with.journal, body, len, w->inference.job_id, w->inference.alias);
    LOG(LOG_WARNING, "webhook.unreadable", LOG_INT("bytes", len),
        LOG_STR("next", "signed, but no payload that is known: kept as it is"));
    return note_orphan(r->with.journal, body, len, "", "");
}

static bool keep(struct receive *r, const struct mindee_webhook *w, const char *body, size_t len)
{
    bool kept = keep_orphan(r, w, body, len);
    if (kept)
        meter_orphan(r->context->options->meter);
    return kept;
}

/* Taken: it was noted (also as an orphan), and waits for the commit. */
static enum route_answer take(struct receive *r, const struct mindee_webhook *w, const char *body,
                              size_t len, bool stranger)
{
    struct match m;
    int found = w ? find_match(r, &w->inference, &m) : 0;
    if (found < 0) {
        ending_storage_failed(r->with.ending);
        return ROUTE_REFUSED;
    }
    if (found == 0)
        return !stranger ? ROUTE_UNKNOWN : keep(r, w, body, len) ? ROUTE_TAKEN : ROUTE_REFUSED;
    tell_document(r, &m, w, body, len);
    return ROUTE_TAKEN;
}

static bool is_started(const struct receive *r)
{
    return r->started_at.ms != MONO_NEVER.ms;
}

static bool can_take(const struct receive *r)
{
    return ending_life(r->with.ending) != RUN_CLOSING && !journal_down(r->with.journal) &&
           !ending_storage_lost(r->with.ending);
}

static enum route_answer offer_cb(void *ctx, struct webhook_delivery *d,
                                  const struct mindee_webhook *webhook, const char *body,
                                  size_t len, bool stranger)
{
    struct receive *r = ctx;
    if (!is_started(r))
        return ROUTE_LATER;
    if (!can_take(r))
        return ROUTE_REFUSED;
    r->heard_at = clock_mono(r->context->clock);
    enum route_answer answer = take(r, webhook, body, len, stranger);
    if (answer != ROUTE_TAKEN)
        return answer;
    ARRAY_RESERVE(r->held, r->held_capacity, r->held_count + 1);
    r->held[r->held_count++] = d;
    run_poke(r->context);
    return ROUTE_TAKEN;
}

bool receive_holds(const struct receive *r)
{
    return r->held_count > r->sealed;
}

void receive_seal(struct receive *r)
{
    r->sealed = r->held_count;
}

void receive_reply(struct receive *r, bool durable)
{
    size_t count = durable ? r->sealed : r->held_count;
    for (size_t i = 0; i < count; i++)
        webhook_delivery_reply(r->held[i], durable ? 200 : 503);
    r->held_count -= count;
    r->sealed = 0;
    if (r->held_count)
        memmove(r->held, r->held + count, r->held_count * sizeof *r->held);
}

void receive_adopt(struct receive *r, struct flight *f)
{
    struct buffer body;
    struct mindee_webhook w;
    struct mindee_webhook_text *owner = NULL;
    if (!r->router)
        return;
    buffer_init(&body, 0);
    /* one is enough: there is one result, and a second copy says nothing new */
    if (ledger_orphan_take(r->context->ledger, f->job_id, f->alias, &body) == 1) {
        bool readable = mindee_webhook_parse(body.data, body.len, &w, &owner) == 0;
        take(r, readable ? &w : NULL, body.data, body.len, true);
    }
    mindee_webhook_free(owner);
    buffer_release(&body);
}

/* --- the net under it --- */

bool receive_expects(const struct receive *r)
{
    return r->router && !r->hopeless;
}

int64_t receive_fallback_ms(const struct receive *r)
{
    int64_t most = r->context->options->fallback_after_ms;
    if (r->arrived < LEARN_AFTER)
        return most;
    int64_t learned = r->longest_ms * 3 > LEAST_FALLBACK_MS ? r->longest_ms * 3 : LEAST_FALLBACK_MS;
    return learned < most ? learned : most;
}

static void log_unreachable(const struct receive *r, const char *mindee_says)
{
    struct webhook_receiver_counts c;
    webhook_router_counts(r->router, &c);
    if (c.refused_signature > 0)
        LOG(LOG_WARNING, "webhook.all_refused", LOG_INT("deliveries", c.refused_signature),
            LOG_STR("what", "their signature or query secret is wrong: webhook.secret isn't the "
                            "endpoint's"),
            LOG_STR("next", "the run goes on by polling"));
    else
        LOG(LOG_WARNING, "webhook.unreachable",
            LOG_STR("mindee_says", *mindee_says ? mindee_says : "nothing"),
            LOG_STR("what", "no webhook has come: check that Mindee can reach webhook.listen at "
                            "the endpoint's URL, its path, and webhook.secret"),
            LOG_STR("next", "the run goes on by polling"));
}

void receive_missed(struct receive *r, const struct mindee_job *job)
{
    const char *why = "";
    for (size_t i = 0; i < job->webhook_count; i++)
        if (*job->webhooks[i].error)
            why = job->webhooks[i].error;
    LOG(LOG_INFO, "webhook.missed", LOG_STR("job", job->id), LOG_STR("mindee_says", why));
    if (++r->missed < GIVE_UP_HOPE_AFTER || r->arrived > 0 || r->hopeless)
        return;
    r->hopeless = true;
    log_unreachable(r, why);
}

static struct mono doubt_until(const struct receive *r)
{
    struct mono newest = mono_max(flights_tally(r->with.flights)->doubted_at, r->started_at);
    return mono_add(newest, r->context->options->retry.in_doubt_wait_ms);
}

static struct mono quiet_at(const struct receive *r)
{
    return mono_add(r->heard_at, QUIET_MS);
}

bool receive_busy(const struct receive *r)
{
    struct ledger_counts c;
    if (receives_only(r))
        return !ending_has_begun(r->with.ending) &&
               !mono_reached(clock_mono(r->context->clock), quiet_at(r));
    if (!r->router || ending_has_begun(r->with.ending) ||
        mono_reached(clock_mono(r->context->clock), doubt_until(r)))
        return false;
    return ledger_counts(r->context->ledger, &c) == 0 && c.by_state[DOC_IN_DOUBT] > 0;
}

struct mono receive_next(const struct receive *r, struct mono now)
{
    (void)now;
    if (!receive_busy(r))
        return MONO_NEVER;
    return receives_only(r) ? quiet_at(r) : doubt_until(r);
}

/* --- life --- */

struct receive *receive_new(struct run_context *c, const struct upload_neighbours *with,
                            struct upload *upload)
{
    struct receive *r = xcalloc(1, sizeof *r);
    r->context = c;
    r->with = *with;
    r->upload = upload;
    r->started_at = MONO_NEVER;
    return r;
}

int receive_open(struct receive *r, struct error *e)
{
    const struct batch_options *o = r->context->options;
    struct webhook_router *router = o->webhook_router;
    if (!o->webhook.listen)
        return 0;
    r->own = !router;
    if (r->own && webhook_router_open(&router, r->context->loop, &o->webhook, e) < 0)
        return e->code = ERR_USAGE;
    r->router = router;
    r->route = (struct webhook_route){.offer = offer_cb, .ctx = r};
    webhook_router_join(r->router, &r->route);
    return 0;
}

void receive_start(struct receive *r)
{
    r->started_at = r->heard_at = clock_mono(r->context->clock);
}

const char *receive_certificate(const struct receive *r, struct wall *ends)
{
    return r->router ? webhook_router_certificate(r->router, ends) : NULL;
}

struct webhook_router *receive_router(const struct receive *r)
{
    return r->router;
}

void receive_close(struct receive *r, void (*closed)(void *ctx), void *ctx)
{
    struct webhook_router *router = r->router;
    struct webhook_receiver_counts c;
    r->router = NULL;
    if (router) {
        webhook_router_counts(router, &c);
        if (is_started(r))
            LOG(LOG_INFO, "webhook.closed", LOG_INT("delivered", c.delivered),
                LOG_INT("refused_signature", c.refused_signature),
                LOG_INT("refused_path", c.refused_path), LOG_INT("matched", r->arrived),
                LOG_INT("missed", r->missed));
        receive_reply(r, false);
        webhook_router_leave(&r->route);
        if (r->own) {
            webhook_router_counts(router, &c);
            meter_webhooks(r->context->options->meter, &c);
        }
    }
    if (router && r->own)
        webhook_router_close(router, CLOSE_GRACE_MS, closed, ctx);
    else if (closed)
        closed(ctx);
}

void receive_free(struct receive *r)
{
    if (!r)
        return;
    REQUIRE(r->router == NULL);
    free(r->held);
    free(r);
}
