/* Results by webhook: what the receiver hands over becomes an event of the document it belongs to,
 * and is answered 2xx after the commit that holds it (503 if there can be none: Mindee comes
 * again).
 *
 * A delivery is matched by its job id, then by our alias, which every upload carries: so one that
 * comes before its own 202, or after a crash that lost it, settles the doubt; one for an older
 * attempt counts too, and the first result wins. What matches nothing is kept as an orphan.
 *
 * The net under it: a document whose webhook is late is polled (webhook.fallback_after, less once
 * the run has seen how fast they come). If the first jobs polled so were done and not one webhook
 * has come, nobody can reach us: that is said, and the run goes on by polling. */
#include "base/log.h"
#include "base/text.h"
#include "batch/state.h"
#include "webhook/webhook_router.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLOSE_GRACE_MS = 2000,
    GIVE_UP_HOPE_AFTER = 3, /* jobs found done by polling before any webhook came */
    LEARN_AFTER = 20,       /* webhooks until their delay is believed */
    LEAST_FALLBACK_MS = 5000,
};

struct deliveries {
    struct webhook_router *router;
    bool own; /* nobody else's: closed with the run */
    struct webhook_route route;
    struct webhook_delivery **held; /* noted, and answered after the commit */
    size_t held_count, held_capacity;
    int64_t arrived;    /* matched deliveries */
    int64_t longest_ms; /* from the 202 to the webhook, slowly forgotten */
    int64_t missed;     /* jobs found done by polling */
    bool checked, hopeless;
};

/* --- matching --- */

struct match {
    int64_t document;
    int attempt;
    bool known; /* its attempt is on record as accepted, done or failed */
};

static int find_match(struct batch *b, const struct mindee_inference *i, struct match *m)
{
    struct ledger_attempt a;
    int found =
        *i->job_id ? ledger_find_by_job(b->ledger, i->job_id, &m->document, &m->attempt) : 0;
    if (found == 0 && *i->alias)
        found = ledger_find_by_alias(b->ledger, i->alias, &m->document, &m->attempt);
    if (found != 1)
        return found;
    int rc = ledger_attempt_get(b->ledger, m->document, m->attempt, &a);
    m->known = rc == 0 && (a.outcome == ATTEMPT_ACCEPTED || a.outcome == ATTEMPT_JOB_DONE ||
                           a.outcome == ATTEMPT_JOB_FAILED);
    return rc < 0 ? rc : 1;
}

static struct flight *flight_of(struct batch *b, int64_t document)
{
    struct ledger_document d;
    struct flight *f = flight_find(b, document);
    if (f)
        return f;
    if (!batch_wrote(b, ledger_document_get(b->ledger, document, &d)))
        return NULL;
    f = flight_new(b, &d);
    ledger_document_release(&d);
    return f;
}

static void learn_delay(struct batch *b, const struct flight *f)
{
    struct deliveries *w = b->deliveries;
    int64_t delay = mono_diff(clock_mono(b->clock), f->doc.accepted_at);
    w->arrived++;
    w->longest_ms -= w->longest_ms / 64;
    if (f->doc.state == DOC_PROCESSING && delay > w->longest_ms)
        w->longest_ms = delay;
}

/* What the attempt's record says from now on. */
static void note_attempt(struct batch *b, const struct match *m, const struct mindee_webhook *w)
{
    bool failed = w->kind == MINDEE_WEBHOOK_FAILURE;
    if (*w->inference.job_id && !m->known && !failed)
        journal_accepted(b, m->document, m->attempt, w->inference.job_id);
    journal_attempt_end(b, m->document, m->attempt, failed ? ATTEMPT_JOB_FAILED : ATTEMPT_JOB_DONE,
                        failed ? w->problem.status : 200, failed ? w->problem.code : "webhook");
}

static void tell_document(struct batch *b, const struct match *m, const struct mindee_webhook *w,
                          const char *body, size_t len)
{
    struct flight *f = flight_of(b, m->document);
    bool failed = w->kind == MINDEE_WEBHOOK_FAILURE;
    if (!f)
        return;
    if (f->pending & DO_SUBMIT) /* admitted in this turn, and not on the wire yet */
        upload_unsend(f, clock_mono(b->clock));
    learn_delay(b, f);
    struct news n = {.cause = "webhook",
                     .code = failed ? w->problem.code : NULL,
                     .detail = failed ? w->problem.detail : NULL,
                     .body = body,
                     .body_len = len,
                     .page_count = w->inference.page_count,
                     .retry_after_ms = -1,
                     .late = m->attempt != f->attempt,
                     .known = m->known};
    enum doc_event_kind kind = !failed                    ? EV_RESULT
                               : w->problem.status >= 500 ? EV_JOB_FAULT
                                                          : EV_JOB_FAILED;
    note_attempt(b, m, w);
    if (!n.late && *w->inference.job_id)
        text_copy(f->job_id, sizeof f->job_id, w->inference.job_id);
    flight_event(f, kind, &n);
}

static bool keep(struct batch *b, const struct mindee_webhook *w, const char *body, size_t len)
{
    if (w)
        return journal_orphan(b, body, len, w->inference.job_id, w->inference.alias);
    LOG(LOG_WARNING, "webhook.unreadable", LOG_INT("bytes", len),
        LOG_STR("next", "signed, but no payload that is known: kept as it is"));
    return journal_orphan(b, body, len, "", "");
}

/* Taken: it was noted (also as an orphan), and waits for the commit. */
static enum route_answer take(struct batch *b, const struct mindee_webhook *w, const char *body,
                              size_t len, bool stranger)
{
    struct match m;
    int found = w ? find_match(b, &w->inference, &m) : 0;
    if (found < 0) {
        batch_storage_failed(b);
        return ROUTE_REFUSED;
    }
    if (found == 0)
        return !stranger ? ROUTE_UNKNOWN : keep(b, w, body, len) ? ROUTE_TAKEN : ROUTE_REFUSED;
    tell_document(b, &m, w, body, len);
    return ROUTE_TAKEN;
}

static enum route_answer offer_cb(void *ctx, struct webhook_delivery *d,
                                  const struct mindee_webhook *webhook, const char *body,
                                  size_t len, bool stranger)
{
    struct batch *b = ctx;
    struct deliveries *w = b->deliveries;
    /* before its start no turn commits */
    if (!b->started || b->closing || b->journal.down || b->storage_lost)
        return ROUTE_REFUSED;
    enum route_answer answer = take(b, webhook, body, len, stranger);
    if (answer != ROUTE_TAKEN)
        return answer;
    if (w->held_count == w->held_capacity) {
        w->held_capacity = w->held_capacity ? w->held_capacity * 2 : 64;
        w->held = realloc(w->held, w->held_capacity * sizeof(struct webhook_delivery *));
        REQUIRE(w->held != NULL);
    }
    w->held[w->held_count++] = d;
    batch_poke(b);
    return ROUTE_TAKEN;
}

void deliveries_reply(struct batch *b, bool durable)
{
    struct deliveries *w = b->deliveries;
    for (size_t i = 0; w && i < w->held_count; i++)
        webhook_delivery_reply(w->held[i], durable ? 200 : 503);
    if (w)
        w->held_count = 0;
}

void deliveries_adopt(struct flight *f)
{
    struct batch *b = f->batch;
    struct buffer body;
    struct mindee_webhook w;
    struct mindee_webhook_text *owner = NULL;
    if (!b->deliveries)
        return;
    buffer_init(&body, 0);
    /* one is enough: there is one result, and a second copy says nothing new */
    if (ledger_orphan_take(b->ledger, f->job_id, f->alias, &body) == 1) {
        bool readable = mindee_webhook_parse(body.data, body.len, &w, &owner) == 0;
        take(b, readable ? &w : NULL, body.data, body.len, true);
    }
    mindee_webhook_free(owner);
    buffer_release(&body);
}

/* --- the net under it --- */

bool deliveries_expected(const struct batch *b)
{
    return b->deliveries && !b->deliveries->hopeless;
}

int64_t deliveries_fallback_ms(const struct batch *b)
{
    const struct deliveries *w = b->deliveries;
    int64_t most = b->options->fallback_after_ms;
    if (w->arrived < LEARN_AFTER)
        return most;
    int64_t learned = w->longest_ms * 3 > LEAST_FALLBACK_MS ? w->longest_ms * 3 : LEAST_FALLBACK_MS;
    return learned < most ? learned : most;
}

void deliveries_missed(struct batch *b, const struct mindee_job *job)
{
    struct deliveries *w = b->deliveries;
    const char *why = "";
    if (!w)
        return;
    for (size_t i = 0; i < job->webhook_count; i++)
        if (*job->webhooks[i].error)
            why = job->webhooks[i].error;
    LOG(LOG_INFO, "webhook.missed", LOG_STR("job", job->id), LOG_STR("mindee_says", why));
    if (++w->missed < GIVE_UP_HOPE_AFTER || w->arrived > 0 || w->hopeless)
        return;
    w->hopeless = true;
    struct webhook_receiver_counts c;
    webhook_router_counts(w->router, &c);
    if (c.refused_signature > 0) {
        LOG(LOG_WARNING, "webhook.all_refused", LOG_INT("deliveries", c.refused_signature),
            LOG_STR(
                "what",
                "their signature or query secret is wrong: webhook.secret isn't the endpoint's"),
            LOG_STR("next", "the run goes on by polling"));
        return;
    }
    LOG(LOG_WARNING, "webhook.unreachable", LOG_STR("mindee_says", *why ? why : "nothing"),
        LOG_STR(
            "what",
            "no webhook has come: check that Mindee can reach webhook.listen at the endpoint's URL, its path, and "
            "webhook.secret"),
        LOG_STR("next", "the run goes on by polling"));
}

/* --- are the endpoints what they should be? Warns, and never stops a run --- */

/* The URL's path without its query: a secret may stand there. */
static char *path_of_url(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    char *only = xstrdup(path ? path : "/");
    only[strcspn(only, "?#")] = '\0';
    return only;
}

static void check_endpoint(const struct batch *b, const struct mindee_model *m, const char *id)
{
    const char *ours = b->options->webhook.path;
    for (size_t i = 0; i < m->webhook_count; i++) {
        if (strcasecmp(m->webhooks[i].id, id) != 0)
            continue;
        char *theirs = path_of_url(m->webhooks[i].url);
        if (strcmp(theirs, ours) != 0)
            LOG(LOG_WARNING, "webhook.other_path", LOG_STR("endpoint", id),
                LOG_STR("its_path", theirs), LOG_STR("ours", ours),
                LOG_STR("what", "fine if a proxy in front changes the path"));
        free(theirs);
        return;
    }
    LOG(LOG_WARNING, "webhook.unknown_endpoint", LOG_STR("endpoint", id), LOG_STR("model", m->name),
        LOG_STR("what", "the model has no such webhook: `mindee-batch models` lists them"));
}

static void check_model(const struct batch *b, const struct mindee_model *m)
{
    char *ids = xstrdup(b->options->request.webhook_ids), *rest = ids;
    for (char *id = strsep(&rest, ","); id; id = strsep(&rest, ","))
        check_endpoint(b, m, id);
    free(ids);
}

static void models_cb(void *ctx, const struct mindee_response *r)
{
    struct batch *b = ctx;
    b->asks_out--;
    b->polls_out--;
    pacing_answered(b, &b->get, r);
    for (size_t i = 0; !b->closing && i < r->model_count; i++)
        if (strcasecmp(r->models[i].id, b->options->request.model_id) == 0)
            check_model(b, &r->models[i]);
    batch_poke(b);
}

bool deliveries_wants_check(const struct batch *b)
{
    return b->deliveries && !b->deliveries->checked && b->new_uploads;
}

void deliveries_check(struct batch *b)
{
    b->deliveries->checked = true;
    b->asks_out++;
    b->polls_out++;
    mindee_search_models(b->client, NULL, mindee_product_names[b->options->request.product], 1,
                         models_cb, b);
}

/* --- life --- */

int deliveries_open(struct batch *b, struct error *e)
{
    const struct batch_options *o = b->options;
    if (!o->webhook.listen)
        return 0;
    struct deliveries *w = xcalloc(1, sizeof *w);
    w->router = o->webhook_router;
    w->own = !w->router;
    int rc = w->own ? webhook_router_open(&w->router, b->loop, &o->webhook, e) : 0;
    if (rc < 0) {
        free(w);
        e->code = ERR_USAGE;
        return rc;
    }
    w->route = (struct webhook_route){.offer = offer_cb, .ctx = b};
    webhook_router_join(w->router, &w->route);
    b->deliveries = w;
    return 0;
}

void deliveries_reload(struct batch *b)
{
    if (b->deliveries && b->deliveries->own && b->deliveries->router) /* else it is closed */
        webhook_router_reload(b->deliveries->router);
}

void deliveries_close(struct batch *b, void (*closed)(void *ctx), void *ctx)
{
    struct deliveries *w = b->deliveries;
    struct webhook_receiver_counts c;
    webhook_router_counts(w->router, &c);
    if (b->started)
        LOG(LOG_INFO, "webhook.closed", LOG_INT("delivered", c.delivered),
            LOG_INT("refused_signature", c.refused_signature),
            LOG_INT("refused_path", c.refused_path), LOG_INT("matched", w->arrived),
            LOG_INT("missed", w->missed));
    deliveries_reply(b, false);
    webhook_router_leave(&w->route);
    if (w->own)
        webhook_router_close(w->router, CLOSE_GRACE_MS, closed, ctx);
    else if (closed)
        closed(ctx);
    w->router = NULL;
}

void deliveries_free(struct batch *b)
{
    if (!b->deliveries)
        return;
    REQUIRE(b->deliveries->router == NULL);
    free(b->deliveries->held);
    free(b->deliveries);
    b->deliveries = NULL;
}
