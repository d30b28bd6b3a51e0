/* Deliveries on their way. See webhook.h.
 *
 * What will happen to a delivery is drawn when its job is accepted (webhook_draw.c). From then on
 * each POST to come is a struct post in the timer queue: of the true kind one for each delivery,
 * moved to its next attempt as long as there is one; of the other kinds (once more the same,
 * forged) one for each POST. A post leaves when its delivery was answered with a 2xx
 * or is given up.
 *
 * A lost delivery goes the same way, its attempts are counted, but nothing is ever sent.
 *
 * An early one: its job ends when it is accepted, and the upload's 202 is held back (answer.c)
 * until each delivery of the job was tried once. */
#include "sandbox/webhook.h"

#include "base/list.h"
#include "base/log.h"
#include "base/timer_queue.h"
#include "sandbox/catalog.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS = 32,
    CONNECT_TIMEOUT_MS = 5000,
    ANSWER_TIMEOUT_MS = 15000,
    ANSWER_MAX_BYTES = 65536,
    PAUSE_MAX_MS = 3600000,
};

enum post_kind { POST_TRUE, POST_DUPLICATE, POST_FORGED };

struct post {
    struct timer_entry due;
    struct list node;
    struct webhooks *webhooks;
    struct delivery *delivery;
    enum post_kind kind;
    bool sent; /* an answer will come */
};

struct webhooks {
    struct loop *loop;
    struct webhook_options options;
    double sigma;
    bool delete_delivered;
    struct record *record;
    struct random random;
    struct transfer_pool *pool;
    struct timer_queue due; /* of struct post */
    struct list posts;      /* all of them */
    struct loop_timer *timer;
    struct webhook_stats stats;
    void (*answer_now)(void *ctx, struct job *job);
    void *ctx;
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* ---- posts ---- */

static struct post *post_new(struct webhooks *w, struct delivery *d, enum post_kind kind)
{
    struct post *p = xcalloc(1, sizeof *p);
    p->webhooks = w;
    p->delivery = d;
    p->kind = kind;
    list_push_back(&w->posts, &p->node);
    w->stats.pending++;
    return p;
}

static void post_free(struct post *p)
{
    timer_queue_remove(&p->webhooks->due, &p->due);
    list_remove(&p->node);
    p->webhooks->stats.pending--;
    free(p);
}

static void set_timer(struct webhooks *w)
{
    loop_timer_set(w->timer, timer_queue_next(&w->due));
}

static void post_at(struct post *p, struct mono at)
{
    timer_queue_set(&p->webhooks->due, &p->due, at);
}

/* ---- what became of it ---- */

/* All deliveries of the job were tried once: its 202 can go. */
static void answer_if_tried(struct webhooks *w, struct job *j)
{
    for (int i = 0; i < j->delivery_count; i++) {
        if (!j->deliveries[i].tried)
            return;
    }
    if (j->unanswered)
        w->answer_now(w->ctx, j);
}

static void delivered(struct post *p)
{
    struct webhooks *w = p->webhooks;
    struct delivery *d = p->delivery;
    d->state = DELIVERY_DELIVERED;
    d->early = d->job->unanswered;
    w->stats.delivered++;
    w->stats.early += d->early;
    if (w->delete_delivered)
        d->job->deleted = true;
    if (d->duplicate && d->duplicate_ms >= 0 && !w->closing)
        post_at(post_new(w, d, POST_DUPLICATE), mono_add(loop_now(w->loop), d->duplicate_ms));
    post_free(p);
}

static int64_t pause_before(const struct webhooks *w, int attempts)
{
    int64_t pause_ms = w->options.retry_ms;
    for (int i = 1; i < attempts && pause_ms < PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

static void not_delivered(struct post *p)
{
    struct webhooks *w = p->webhooks;
    struct delivery *d = p->delivery;
    p->sent = false;
    if (d->attempts <= w->options.retries && !w->closing) {
        post_at(p, mono_add(loop_now(w->loop), pause_before(w, d->attempts)));
        return;
    }
    d->state = DELIVERY_GIVEN_UP;
    if (d->lost)
        w->stats.lost++;
    else
        w->stats.failed++;
    post_free(p);
}

static void true_one_answered(struct post *p, bool accepted, int status, enum transfer_end end)
{
    struct webhooks *w = p->webhooks;
    struct delivery *d = p->delivery;
    d->tried = true;
    d->status = status;
    d->end = end;
    if (accepted)
        delivered(p);
    else
        not_delivered(p);
    answer_if_tried(w, d->job);
}

/* The first digit of the status; 0 without one. */
static int class_of(const struct transfer_result *result)
{
    int digit = result->end == TRANSFER_COMPLETE ? result->status / 100 : 0;
    return digit <= 5 ? digit : 5;
}

static void on_answer(void *ctx, struct transfer_result *result)
{
    struct post *p = ctx;
    struct webhooks *w = p->webhooks;
    bool accepted = result->end == TRANSFER_COMPLETE && result->status / 100 == 2;
    LOG(LOG_INFO, "sandbox.webhook", LOG_INT("kind", p->kind), LOG_INT("status", result->status),
        LOG_STR("cause", result->text));
    if (result->end == TRANSFER_CANCELLED) {
        post_free(p);
        return;
    }
    if (p->kind == POST_FORGED) {
        w->stats.forged++;
        w->stats.forged_accepted += accepted;
        post_free(p);
        return;
    }
    if (!accepted)
        w->stats.refused[class_of(result)]++;
    if (p->kind == POST_TRUE) {
        true_one_answered(p, accepted, result->status, result->end);
    } else {
        w->stats.duplicates += accepted;
        post_free(p);
    }
    set_timer(w);
}

/* ---- sending ---- */

static void post_send(struct post *p)
{
    struct webhooks *w = p->webhooks;
    struct delivery *d = p->delivery;
    const struct model_webhook *hook = &d->job->model->webhooks[d->place];
    struct buffer body;
    char signature[SHA256_HEX];
    buffer_init(&body, 0);
    webhook_write_body(&body, d->job, w->record);
    if (p->kind == POST_FORGED)
        webhook_forge(d->forgery, hook->secret, &body, signature);
    else
        webhook_sign(hook->secret, &body, signature);
    struct transfer_request request = {
        .url = hook->url,
        .raw_body = body.data,
        .raw_len = body.len,
        .content_type = "application/json",
        .headers = &(struct transfer_header){signature[0] != 0 ? "X-Signature" : NULL, signature},
        .header_count = 1,
        .max_body_bytes = ANSWER_MAX_BYTES,
        .done = on_answer,
        .ctx = p,
    };
    p->sent = true;
    w->stats.attempted++;
    transfer_start(w->pool, &request);
    buffer_release(&body);
}

/* The next attempt of a delivery, and what comes with the first. */
static void attempt(struct post *p)
{
    struct webhooks *w = p->webhooks;
    struct delivery *d = p->delivery;
    bool first = d->attempts++ == 0;
    d->called_at = clock_wall(loop_clock(w->loop));
    if (first && d->forged) {
        d->forgeries++;
        post_send(post_new(w, d, POST_FORGED));
    }
    if (d->lost) {
        true_one_answered(p, false, 0, TRANSFER_TIMEOUT);
        return;
    }
    post_send(p);
    if (first && d->duplicate && d->duplicate_ms < 0) {
        d->duplicates++;
        post_send(post_new(w, d, POST_DUPLICATE));
    }
}

static void posts_due(void *ctx)
{
    struct webhooks *w = ctx;
    struct timer_entry *e;
    struct mono now = loop_now(w->loop);
    while ((e = timer_queue_pop(&w->due, now)) != NULL) {
        struct post *p = TIMER_OWNER(e, struct post, due);
        if (p->kind == POST_TRUE) {
            attempt(p);
        } else {
            p->delivery->duplicates++;
            post_send(p);
        }
    }
    set_timer(w);
}

/* ---- new jobs ---- */

static bool is_called(const struct job *j, int place)
{
    return j->model->webhooks[place].secret != NULL;
}

bool webhooks_accept(struct webhooks *w, struct job *j)
{
    int64_t delay_ms[MODEL_WEBHOOKS_MAX];
    int count = 0;
    for (int i = 0; i < j->webhooks.count; i++)
        count += is_called(j, j->webhooks.places[i]);
    if (count == 0)
        return false;
    bool early = random_unit(&w->random) < w->options.early_rate, all_lost = true;
    j->deliveries = xcalloc((size_t)count, sizeof *j->deliveries);
    for (int i = 0; i < j->webhooks.count; i++) {
        int place = j->webhooks.places[i];
        if (!is_called(j, place))
            continue;
        struct delivery *d = &j->deliveries[j->delivery_count];
        d->job = j;
        d->place = place;
        delay_ms[j->delivery_count++] = webhook_draw(d, &w->random, &w->options, w->sigma);
        all_lost = all_lost && d->lost;
    }
    early = early && !all_lost;
    if (early) {
        j->done_at = loop_now(w->loop);
        j->duration_ms = 0;
    }
    for (int i = 0; i < count; i++)
        post_at(post_new(w, &j->deliveries[i], POST_TRUE),
                mono_add(j->done_at, early ? 0 : delay_ms[i]));
    set_timer(w);
    return early;
}

/* ---- life ---- */

int webhooks_new(struct webhooks **out, struct loop *loop, const struct sandbox_options *options,
                 struct record *record, void (*answer_now)(void *ctx, struct job *job), void *ctx,
                 struct error *e)
{
    struct transfer_pool_options pool = {
        .ca_file = options->webhook.ca_file,
        .proxy = "", /* on this machine alone */
        .user_agent = "mindee-batch-sandbox/" MB_VERSION,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .idle_timeout_ms = ANSWER_TIMEOUT_MS,
        .max_connections = CONNECTIONS,
    };
    struct webhooks *w = xcalloc(1, sizeof *w);
    int rc = transfer_pool_new(&w->pool, loop, &pool, e);
    if (rc != 0) {
        free(w);
        return rc;
    }
    w->loop = loop;
    w->options = options->webhook;
    w->sigma = options->latency_sigma;
    w->delete_delivered = options->delete_when_fetched;
    w->record = record;
    w->answer_now = answer_now;
    w->ctx = ctx;
    random_init(&w->random, options->seed + 3);
    timer_queue_init(&w->due);
    list_init(&w->posts);
    w->timer = loop_timer_new(loop, posts_due, w);
    *out = w;
    return 0;
}

const struct webhook_stats *webhooks_stats(const struct webhooks *w)
{
    return &w->stats;
}

static void pool_closed(void *ctx)
{
    struct webhooks *w = ctx;
    REQUIRE(list_empty(&w->posts));
    loop_timer_close(w->timer);
    timer_queue_release(&w->due);
    void (*closed)(void *) = w->closed;
    void *closed_ctx = w->closed_ctx;
    free(w);
    closed(closed_ctx);
}

/* Posts that were sent are freed when the pool tells their end, the others here. */
void webhooks_close(struct webhooks *w, void (*closed)(void *ctx), void *ctx)
{
    w->closing = true;
    w->closed = closed;
    w->closed_ctx = ctx;
    LIST_EACH_SAFE (node, &w->posts) {
        struct post *p = LIST_ENTRY(node, struct post, node);
        if (!p->sent)
            post_free(p);
    }
    transfer_pool_close(w->pool, pool_closed, w);
}
