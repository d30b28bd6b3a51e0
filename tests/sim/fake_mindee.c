/* mindee.h without a network: calls travel for a while in virtual time, meet the fake server
 * (fake_server.c), and their answers travel back; or get lost on either way.
 *
 * A call has a timer and a phase: on its way (nothing complete has arrived), answered (the server
 * has decided, the client doesn't know yet), or already decided here. A process that dies leaves
 * its calls on the wire: each arrives or doesn't.
 *
 * The promises are checked where they are made: at each call the ledger's file must already say
 * what it has to. */
#include "fake_call.h"

#include "lives.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_UNREADABLE = 3 };

static struct world *the_world;
static int the_ledger;
static const char *the_path;
static struct mindee_client *the_client;

void fake_mindee_setup(struct world *w, int ledger, const char *ledger_path)
{
    the_world = w;
    the_ledger = ledger;
    the_path = ledger_path;
}

struct durable *fake_mindee_durable(void)
{
    return the_client ? the_client->durable : NULL;
}

struct mindee_client *fake_mindee_client(void)
{
    return the_client;
}

int64_t call_now(const struct call *c)
{
    return c->client->world->mono_ms;
}

/* Now and then something takes much longer than usual. */
int64_t call_travel_ms(struct call *c)
{
    struct world *w = c->client->world;
    int64_t ms = 1 + (int64_t)random_below(&w->random, (uint64_t)w->scenario->latency_ms);
    if (server_chance(w, w->scenario->faults.slow_upload) && random_below(&w->random, 8) == 0)
        ms += (int64_t)random_below(&w->random, 60000);
    return ms;
}

/* --- answering --- */

void call_answer(struct call *c, struct mindee_response *r)
{
    static const char *const deliveries[] = {"not sent", "in doubt", "answered"};
    mindee_cb cb = c->cb;
    void *ctx = c->ctx;
    if (c->kind == CALL_ENQUEUE && c->phase != PHASE_UNSENT)
        r->body_sent_bytes = 1;
    if (!r->text)
        r->text = r->fault == MINDEE_OK && r->status < 400 ? "" : "as the simulation has it";
    if (world_verbose)
        printf("%9" PRId64 " %s doc %" PRId64 " %s: %s, status %d, fault %d\n",
               call_now(c) - VIRTUAL_MONO_START_MS, call_kind_names[c->kind], c->post.document,
               c->job_id, deliveries[r->delivery], r->status, (int)r->fault);
    list_remove(&c->node);
    loop_timer_close(c->timer);
    free(c);
    cb(ctx, r);
}

/* Ends the call from this side: what it leaves open depends on how far it was. */
static void cancel(struct call *c)
{
    struct mindee_response r = {.fault = MINDEE_CANCELLED, .retry_after_ms = -1, .on_wire = true};
    bool arrived = c->phase == PHASE_ANSWERED;
    r.delivery = arrived || c->kind != CALL_ENQUEUE ? MINDEE_IN_DOUBT : MINDEE_NOT_SENT;
    if (c->phase == PHASE_UNSENT) {
        r.on_wire = false;
        r.delivery = MINDEE_NOT_SENT;
    } else if (!arrived && c->kind == CALL_ENQUEUE) {
        server_cut_post(c->client->world, call_now(c));
    } else if (!arrived) {
        server_get(c->client->world, call_now(c));
    }
    call_answer(c, &r);
}

static void call_timer_cb(void *ctx)
{
    struct call *c = ctx;
    if (c->cancelled)
        cancel(c);
    else if (c->kind == CALL_ENQUEUE)
        upload_goes_on(c);
    else
        get_goes_on(c);
}

void call_in(struct call *c, int64_t ms)
{
    if (!c->client->world->is_scripted || c->cancelled)
        loop_timer_set(c->timer, mono_add(loop_now(c->client->loop), ms));
}

static struct call *call_new(struct mindee_client *client, enum call_kind kind, mindee_cb cb,
                             void *ctx)
{
    struct call *c = xcalloc(1, sizeof *c);
    c->client = client;
    c->kind = kind;
    c->cb = cb;
    c->ctx = ctx;
    c->timer = loop_timer_new(client->loop, call_timer_cb, c);
    virtual_loop_socket(c->timer);
    list_push_back(&client->calls, &c->node);
    if (client->closing) {
        c->cancelled = true;
        c->phase = PHASE_UNSENT;
        call_in(c, 0);
    }
    return c;
}

/* --- calling --- */

/* Until an answer to an upload could be read, and from each one that couldn't until the next that
 * can, few are out; three that couldn't in a row end it. */
static void check_canary(const struct call *c)
{
    const struct mindee_client *client = c->client;
    int out = 0, canary = client->world->runs[client->ledger].canary;
    int most = canary > 0 && canary < MOST_UNREADABLE ? canary : MOST_UNREADABLE;
    LIST_EACH (node, &client->calls) {
        const struct call *other = LIST_ENTRY(node, struct call, node);
        bool told = other->job && (other->job->served || other->job->told); /* by a webhook */
        out += other->kind == CALL_ENQUEUE && !told;
    }
    if (client->unreadable >= most)
        world_fail(client->world, "an upload after %d that were accepted by unreadable answers",
                   client->unreadable);
    bool open = canary == 0 || (client->accepted && client->unreadable == 0);
    if (!open && out + client->unreadable > canary)
        world_fail(client->world, "%d uploads are out, and limits.canary is %d", out, canary);
}

/* Without a reserve there might be no room for the record of what comes of it. */
static void check_reserve(const struct call *c)
{
    char path[300];
    snprintf(path, sizeof path, "%s.reserve", the_path);
    if (access(path, F_OK) != 0)
        world_fail(c->client->world, "document %" PRId64 " is sent without a reserve on the disk",
                   c->post.document);
}

static void check_may_send(const struct call *c)
{
    check_canary(c);
    check_reserve(c);
    if (!c->client->ledger)
        webhooks_check_read(c->client->world, c->post.document);
}

int mindee_enqueue(struct mindee_client *client, const struct mindee_enqueue *q, mindee_cb cb,
                   void *ctx)
{
    struct world *w = client->world;
    struct call *c = call_new(client, CALL_ENQUEUE, cb, ctx);
    uint64_t ledger;
    if (sscanf(q->alias, "mb-%16" SCNx64 "-%" SCNd64 "-%d", &ledger, &c->post.document,
               &c->post.attempt) != 3)
        world_fail(w, "an alias that can't be read: %s", q->alias);
    c->post.ledger = client->ledger;
    c->post.settings = strcmp(q->model_id, SIM_OTHER_MODEL) == 0 || q->rag == 1;
    if (client->ledger)
        c->post.settings = SIM_BESIDE;
    snprintf(c->post.alias, sizeof c->post.alias, "%s", q->alias);
    if (!durable_intent(client->durable, c->post.document, c->post.attempt))
        world_fail(w, "document %" PRId64 " is sent before its intent is durable",
                   c->post.document);
    if (durable_is_dismissed(client->durable, c->post.document))
        world_fail(w, "document %" PRId64 " is sent, and was dismissed", c->post.document);
    snprintf(c->path, sizeof c->path, "%s", q->path);
    c->stamp = *q->stamp;
    check_may_send(c);
    lives_check_upload(w, &c->post, c->path);
    char directory[160];
    inputs_directory(w, c->post.settings, directory, sizeof directory);
    if (!w->scenario->comings.on && strncmp(q->path, directory, strlen(directory)) != 0)
        world_fail(w, "document %" PRId64 " is sent under other settings than its own: %s",
                   c->post.document, q->path);
    if (client->world->is_scripted && c->post.attempt <= SIM_SCRIPT_ATTEMPTS)
        client->world->scripted[c->post.attempt] = c->post;
    if (!c->cancelled)
        upload_begins(c);
    return 0;
}

int mindee_get_job(struct mindee_client *client, const char *job_id, mindee_cb cb, void *ctx)
{
    struct world *w = client->world;
    struct call *c = call_new(client, CALL_JOB, cb, ctx);
    const struct sim_job *job = server_job(w, job_id);
    snprintf(c->job_id, sizeof c->job_id, "%s", job_id);
    c->post.document = durable_document_of_job(client->durable, job_id);
    if (c->post.document == 0)
        world_fail(w, "job %s is asked for before it is durable", job_id);
    else if (!job || !sim_job_is_of(job, client->ledger, c->post.document))
        world_fail(w, "job %s of document %" PRId64 " is asked for as document %" PRId64, job_id,
                   job ? job->document : 0, c->post.document);
    if (!c->cancelled)
        get_begins(c);
    return 0;
}

void mindee_get_result(struct mindee_client *client, const char *url, mindee_cb cb, void *ctx)
{
    struct world *w = client->world;
    struct call *c = call_new(client, CALL_RESULT, cb, ctx);
    const char *id = strrchr(url, '/');
    snprintf(c->job_id, sizeof c->job_id, "%s", id ? id + 1 : "");
    c->foreign = strncmp(url, FAKE_RESULTS, strlen(FAKE_RESULTS)) != 0;
    c->post.document = durable_document_of_job(client->durable, c->job_id);
    if (!durable_is_ready(client->durable, c->post.document))
        world_fail(w, "the result of job %s is fetched before that is durable", c->job_id);
    if (!c->cancelled)
        get_begins(c);
}

void mindee_search_models(struct mindee_client *client, const char *name, const char *type,
                          int page, mindee_cb cb, void *ctx)
{
    (void)name, (void)type, (void)page;
    struct call *c = call_new(client, CALL_MODELS, cb, ctx);
    if (!c->cancelled)
        get_begins(c);
}

const char *mindee_refusal(const struct mindee_client *client)
{
    (void)client;
    return "";
}

/* The real one may call back from within, or later. */
/* No upload of the fake's ever stands still. */
void mindee_client_cancel_stalled(struct mindee_client *client, int64_t still_ms)
{
    (void)client, (void)still_ms;
}

void mindee_client_cancel_uploads(struct mindee_client *client)
{
    bool at_once = random_below(&client->world->random, 2) != 0;
    LIST_EACH (node, &client->calls) {
        struct call *c = LIST_ENTRY(node, struct call, node);
        if (c->kind == CALL_ENQUEUE && !c->cancelled) {
            c->cancelled = true;
            call_in(c, 0);
        }
    }
    for (bool found = at_once; found;) {
        found = false;
        LIST_EACH (node, &client->calls) {
            struct call *c = LIST_ENTRY(node, struct call, node);
            if (!c->cancelled || c->kind != CALL_ENQUEUE)
                continue;
            found = true;
            cancel(c);
            break;
        }
    }
}

/* --- beginning and end --- */

int mindee_client_new(struct mindee_client **out, struct uv_loop_s *loop,
                      const struct mindee_options *options, char *text, size_t text_size)
{
    struct mindee_client *client = xcalloc(1, sizeof *client);
    (void)options, (void)text, (void)text_size;
    client->world = the_world;
    client->ledger = the_ledger;
    client->loop = virtual_loop_of(loop);
    client->durable = durable_open(the_path);
    list_init(&client->calls);
    *out = the_client = client;
    return 0;
}

static void close_timer_cb(void *ctx)
{
    struct mindee_client *client = ctx;
    if (!list_empty(&client->calls)) {
        loop_timer_set(client->timer, loop_now(client->loop));
        return;
    }
    void (*closed)(void *ctx) = client->closed;
    void *closed_ctx = client->closed_ctx;
    loop_timer_close(client->timer);
    free(client);
    the_client = NULL;
    if (closed)
        closed(closed_ctx);
}

void mindee_client_close(struct mindee_client *client, void (*closed)(void *ctx), void *ctx)
{
    client->closing = true;
    client->closed = closed;
    client->closed_ctx = ctx;
    client->timer = loop_timer_new(client->loop, close_timer_cb, client);
    loop_timer_set(client->timer, loop_now(client->loop));
    LIST_EACH (node, &client->calls) {
        struct call *c = LIST_ENTRY(node, struct call, node);
        c->cancelled = true;
        call_in(c, 0);
    }
    durable_close(client->durable); /* before the ledger's own last connection */
    client->durable = NULL;
}

/* Uploads that a script made arrive have; the others do now. */
void fake_mindee_release(void)
{
    struct world *w = the_world;
    w->is_scripted = false;
    if (!the_client)
        return;
    LIST_EACH (node, &the_client->calls) {
        struct call *c = LIST_ENTRY(node, struct call, node);
        for (int i = 0; i < w->job_count && c->kind == CALL_ENQUEUE; i++)
            if (w->jobs[i].attempt == c->post.attempt) {
                c->phase = PHASE_ANSWERED;
                c->verdict = VERDICT_ACCEPTED;
                c->job = &w->jobs[i];
            }
        call_in(c, 1);
    }
}

void fake_mindee_crash(void)
{
    if (!the_client)
        return;
    struct world *w = the_client->world;
    LIST_EACH (node, &the_client->calls) {
        struct call *c = LIST_ENTRY(node, struct call, node);
        if (c->phase == PHASE_UNSENT || c->phase == PHASE_ANSWERED)
            continue;
        int64_t at = call_now(c) + (int64_t)random_below(&w->random, FAKE_LINGER_MS);
        if (random_below(&w->random, 2))
            call_arrives_late(c, at);
        else if (c->kind == CALL_ENQUEUE)
            server_cut_post(w, call_now(c));
    }
}
