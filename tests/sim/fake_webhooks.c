/* The webhooks of the fake Mindee: what it delivers of each job and when; and what strangers
 * deliver, whose signature is right: another ledger's under the same account, or a copy's of this
 * one. What nobody takes comes again a few times, as at Mindee. */
#include "durable.h"
#include "fake_receiver.h"
#include "world.h"

#include "base/require.h"
#include "virtual_loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TRIES_MAX = 5, FIRST_AGAIN_MS = 2000, BODY_MAX = 1024, STRANGE_CONTENT = 5000 };

static int64_t some(struct world *w, int64_t most_ms)
{
    return (int64_t)random_below(&w->random, (uint64_t)most_ms);
}

/* --- what is planned --- */

static void plan(struct world *w, const struct sim_job *job, enum sim_delivery_kind kind,
                 int64_t after_ms)
{
    if (w->delivery_count == SIM_DELIVERIES_MAX) {
        world_fail(w, "over %d deliveries", SIM_DELIVERIES_MAX);
        return;
    }
    struct sim_delivery *d = &w->deliveries[w->delivery_count++];
    *d = (struct sim_delivery){.kind = kind, .job = (int)(job - w->jobs), .after_ms = after_ms};
    random_uuid(&w->random, d->id);
}

void webhooks_plan(struct world *w, const struct sim_job *job)
{
    const struct sim_webhooks *h = &w->scenario->webhooks;
    struct sim_job *own = &w->jobs[job - w->jobs];
    int64_t after_ms = 1 + some(w, h->usual_ms);
    if (server_chance(w, h->early) && own->done_ms < INT64_MAX) {
        own->done_ms = own->accepted_ms;
        after_ms = some(w, 20);
    } else if (server_chance(w, h->late)) {
        after_ms += some(w, 600000);
    }
    if (!server_chance(w, h->lost))
        plan(w, job, DELIVERY_OF_JOB, after_ms);
    if (server_chance(w, h->twice))
        plan(w, job, DELIVERY_OF_JOB, after_ms + some(w, random_below(&w->random, 2) ? 50 : 90000));
    if (server_chance(w, h->strangers))
        plan(w, job,
             DELIVERY_STRANGER + (enum sim_delivery_kind)random_below(
                                     &w->random, DELIVERY_KINDS - DELIVERY_STRANGER),
             some(w, 30000));
}

static int64_t due(const struct world *w, const struct sim_delivery *d)
{
    const struct sim_job *job = &w->jobs[d->job];
    if (d->over || d->in_hand)
        return INT64_MAX;
    if (d->at_ms)
        return d->at_ms;
    return job->done_ms == INT64_MAX ? INT64_MAX : job->done_ms + d->after_ms;
}

/* Nobody took it at AT_MS. */
static void again(struct world *w, struct sim_delivery *d, int64_t at_ms)
{
    d->in_hand = false;
    d->over = ++d->tries == TRIES_MAX;
    d->at_ms = at_ms + (FIRST_AGAIN_MS << (2 * d->tries)) / 4 + some(w, FIRST_AGAIN_MS);
}

/* --- bodies --- */

/* The same document and attempt as JOB's, under the nonce of another run, or of a ledger that was
 * never here. */
static void strange_alias(const struct world *w, const struct sim_job *job, char out[SIM_ALIAS_MAX])
{
    memcpy(out, job->alias, SIM_ALIAS_MAX);
    memcpy(out, w->jobs[0].alias, strlen("mb-0123456789abcdef"));
    for (int i = 0; i < w->job_count; i++)
        if (strcmp(out, w->jobs[i].alias) == 0) {
            out[3] = out[3] == '0' ? '1' : '0';
            break;
        }
}

static void failure(char *out, size_t size, const char *id, const char *alias, int status)
{
    snprintf(out, size,
             "{\"inference_id\": \"%s\", \"model_id\": \"" SIM_MODEL "\", "
             "\"file_name\": \"f.pdf\", \"file_alias\": \"%s\", \"error\": {\"status\": %d, "
             "\"title\": \"failed\", \"detail\": \"the document can't be read\", \"code\": "
             "\"%d-009\", \"errors\": []}, \"created_at\": \"2026-08-31T16:00:00Z\"}",
             id, alias, status, status);
}

static const char *body_of(const struct world *w, const struct sim_delivery *d)
{
    static char body[BODY_MAX];
    char alias[SIM_ALIAS_MAX];
    const struct sim_job *job = &w->jobs[d->job];
    int content = STRANGE_CONTENT + d->job;
    strange_alias(w, job, alias);
    switch (d->kind) {
    case DELIVERY_OF_JOB:
        if (job->end == JOB_END_RESULT)
            server_result(w, job, body, sizeof body);
        else /* by the inference's id, which needn't be the job's */
            failure(body, sizeof body, d->id, job->alias, job->end == JOB_END_422 ? 422 : 500);
        break;
    case DELIVERY_STRANGER:
        server_result_of(w, job, d->id, alias, content, body, sizeof body);
        break;
    case DELIVERY_STRANGER_FAILURE:
        failure(body, sizeof body, d->id, alias, 500);
        break;
    case DELIVERY_FALSE_FAILURE:
        failure(body, sizeof body, d->id, job->alias, d->after_ms % 2 ? 422 : 500);
        break;
    case DELIVERY_NAMESAKE:
        server_result_of(w, job, d->id, job->alias, content, body, sizeof body);
        break;
    default:
        snprintf(body, sizeof body, "{\"number\": \"%s\"}", d->id);
    }
    return body;
}

/* --- the receiver's other side --- */

static struct sim_delivery *next(const struct world *w)
{
    const struct sim_delivery *first = NULL;
    for (int i = 0; i < w->delivery_count; i++) {
        const struct sim_delivery *d = &w->deliveries[i];
        if (!first || due(w, d) < due(w, first))
            first = d;
    }
    return (struct sim_delivery *)(uintptr_t)first;
}

static int64_t due_cb(void *ctx)
{
    const struct world *w = ctx;
    const struct sim_delivery *d = next(w);
    return d ? due(w, d) : INT64_MAX;
}

static const char *take_cb(void *ctx, int *delivery)
{
    struct world *w = ctx;
    struct sim_delivery *d = next(w);
    struct sim_job *job = &w->jobs[d->job];
    struct durable *durable = fake_mindee_durable();
    /* Whose job isn't on record can't tell a namesake from its own. */
    bool namesake = d->kind == DELIVERY_NAMESAKE || d->kind == DELIVERY_FALSE_FAILURE;
    if (namesake && (!durable || durable_document_of_job(durable, job->id) != job->document)) {
        d->over = true;
        return NULL;
    }
    *delivery = (int)(d - w->deliveries);
    d->in_hand = true;
    w->tries_count++;
    if (d->kind == DELIVERY_OF_JOB) {
        job->served = job->served || job->end == JOB_END_RESULT;
        job->told = job->told || job->end != JOB_END_RESULT;
    }
    if (world_verbose)
        printf("%9" PRId64 " webhook %d of doc %" PRId64 " attempt %d %s, try %d: %s\n",
               w->mono_ms - VIRTUAL_MONO_START_MS, *delivery, job->document, job->attempt, job->id,
               d->tries + 1, body_of(w, d));
    return body_of(w, d);
}

/* The answer is a promise: it is in the ledger by now. */
static void check_taken(struct world *w, const struct sim_delivery *d)
{
    const struct sim_job *job = &w->jobs[d->job];
    struct durable *durable = fake_mindee_durable();
    bool strange = (d->kind != DELIVERY_OF_JOB && d->kind != DELIVERY_FALSE_FAILURE) ||
                   (d->kind == DELIVERY_OF_JOB && job->forgotten);
    if (!durable)
        return;
    if (strange && !durable_has_orphan(durable, body_of(w, d)))
        world_fail(w, "a stranger's webhook was answered 200, and isn't kept");
    if (d->kind == DELIVERY_OF_JOB && !job->forgotten && job->end == JOB_END_RESULT &&
        !durable_has_result(durable, job->document))
        world_fail(w, "document %" PRId64 "'s webhook was answered 200, and there is no result",
                   job->document);
}

static void replied_cb(void *ctx, int delivery, int status)
{
    struct world *w = ctx;
    struct sim_delivery *d = &w->deliveries[delivery];
    struct sim_job *job = &w->jobs[d->job];
    if (world_verbose)
        printf("%9" PRId64 " webhook %d: answered %d\n", w->mono_ms - VIRTUAL_MONO_START_MS,
               delivery, status);
    if (status != 200) {
        again(w, d, w->mono_ms);
        return;
    }
    w->taken_count++;
    check_taken(w, d);
    if (d->kind == DELIVERY_OF_JOB && w->scenario->faults.delete_when_fetched)
        job->deleted = true;
    if (server_chance(w, w->scenario->webhooks.unheard))
        again(w, d, w->mono_ms);
    else
        d->over = true;
}

void webhooks_deliver_at(struct world *w, const struct sim_job *job, int64_t at_ms)
{
    plan(w, job, DELIVERY_OF_JOB, 0);
    w->deliveries[w->delivery_count - 1].at_ms = at_ms;
}

void webhooks_deliver(struct world *w, const struct sim_job *job)
{
    webhooks_deliver_at(w, job, w->mono_ms);
    fake_receiver_deliver();
}

void webhooks_check_read(struct world *w, int64_t document)
{
    for (int i = 0; i < w->delivery_count; i++) {
        const struct sim_delivery *d = &w->deliveries[i];
        const struct sim_job *job = &w->jobs[d->job];
        if (d->kind == DELIVERY_OF_JOB && sim_job_is_of(job, 0, document) && !job->told &&
            !job->said && due(w, d) >= w->stopped_from_ms && due(w, d) < w->stopped_to_ms)
            world_fail(w,
                       "document %" PRId64
                       " is sent again, and its webhook lies in the socket since the process was "
                       "stopped",
                       document);
    }
}

void webhooks_begin(struct world *w)
{
    static struct fake_sender sender = {.due_ms = due_cb, .take = take_cb, .replied = replied_cb};
    for (int i = 0; i < w->delivery_count; i++) {
        struct sim_delivery *d = &w->deliveries[i];
        if (d->in_hand) /* the process died with it */
            again(w, d, w->mono_ms);
        while (!d->over && due(w, d) < w->mono_ms)
            again(w, d, due(w, d));
    }
    sender.ctx = w;
    fake_receiver_setup(&sender);
}
