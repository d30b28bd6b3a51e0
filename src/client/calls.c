/* Calls: one request each. See mindee.h.
 *
 * A call becomes one transfer; its end is read (reply.c) and handed to the caller's callback, and
 * then the call is gone. Calls are in exactly one list: uploads, requests (GETs), or later: those
 * that never become a request and are answered from a timer, so that no callback ever comes from
 * inside the call that caused it.
 *
 * After a caller's callback nothing of the client is touched but through client_maybe_closed() at the end of a
 * callback of the loop's or pool's own: the client outlives its last callback, never the other way round. */
#include "base/text.h"
#include "client/client_internal.h"
#include "client/enqueue_form.h"
#include "client/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call {
    struct list node;
    struct mindee_client *client;
    struct transfer *transfer;
    enum reply_kind kind;
    char job_id[ENDPOINT_JOB_ID_MAX + 1];
    enum mindee_fault fault; /* of a later one */
    char why[MINDEE_TEXT_MAX];
    mindee_cb cb;
    void *ctx;
};

/* ---- answering ---- */

static void call_answer(struct call *call, struct reply *a)
{
    list_remove(&call->node);
    mindee_cb cb = call->cb;
    void *ctx = call->ctx;
    free(call);
    cb(ctx, &a->response);
    reply_release(a);
}

static void on_transfer_done(void *ctx, struct transfer_result *result)
{
    struct call *call = ctx;
    struct reply a;
    struct reply_question question = {
        .kind = call->kind,
        .job_id = call->job_id,
        .key = call->client->key,
    };
    call->transfer = NULL;
    reply_read(&a, &question, result);
    call_answer(call, &a);
}

void client_maybe_closed(struct mindee_client *client)
{
    if (!client->closing || !client->pool_closed || !list_empty(&client->later) ||
        !list_empty(&client->runs))
        return;
    REQUIRE(list_empty(&client->uploads) && list_empty(&client->requests));
    void (*closed)(void *ctx) = client->closed;
    void *ctx = client->closed_ctx;
    loop_timer_close(client->timer);
    loop_free(client->loop);
    endpoint_release(&client->endpoint);
    explicit_bzero(client->key, strlen(client->key));
    free(client->key);
    free(client);
    if (closed)
        closed(ctx);
}

void calls_answer_later(void *ctx)
{
    struct mindee_client *client = ctx;
    struct list *last = client->later.prev;
    while (!list_empty(&client->later)) {
        struct call *call = LIST_ENTRY(list_first(&client->later), struct call, node);
        bool is_last = &call->node == last;
        list_remove(&call->node);
        struct reply a;
        reply_without_request(&a, call->fault, call->why);
        call_answer(call, &a);
        if (is_last)
            break;
    }
    if (!list_empty(&client->later))
        loop_timer_set(client->timer, loop_now(client->loop));
    client_maybe_closed(client);
}

static struct call *call_new(struct mindee_client *client, enum reply_kind kind, mindee_cb cb,
                             void *ctx)
{
    struct call *call = xcalloc(1, sizeof *call);
    call->client = client;
    call->kind = kind;
    call->cb = cb;
    call->ctx = ctx;
    list_init(&call->node);
    return call;
}

static void answer_later(struct call *call, enum mindee_fault fault, const char *why)
{
    struct mindee_client *client = call->client;
    call->fault = fault;
    text_copy(call->why, sizeof call->why, why);
    list_push_back(&client->later, &call->node);
    loop_timer_set(client->timer, loop_now(client->loop));
}

/* ---- calling ---- */

static void call_start(struct call *call, const char *url, const struct enqueue_form *form)
{
    struct mindee_client *client = call->client;
    struct transfer_request request = {
        .url = url,
        .authorization = client->key,
        .max_body_bytes =
            call->kind == REPLY_RESULT ? client->max_result_bytes : (size_t)PAYLOAD_MAX_BYTES,
        .done = on_transfer_done,
        .ctx = call,
    };
    if (form) {
        request.fields = form->fields;
        request.field_count = form->field_count;
        request.file = form->has_file ? &form->file : NULL;
    }
    list_push_back(form ? &client->uploads : &client->requests, &call->node);
    call->transfer = transfer_start(client->pool, &request);
}

static int refuse(struct mindee_client *client, const struct error *e)
{
    client->refusal = *e;
    return -1;
}

/* Whether the client is being closed; then the call is answered as cancelled. */
static bool too_late(struct call *call)
{
    if (call->client->closing)
        answer_later(call, MINDEE_CANCELLED, "the client is being closed");
    return call->client->closing;
}

int mindee_enqueue(struct mindee_client *client, const struct mindee_enqueue *enqueue, mindee_cb cb,
                   void *ctx)
{
    struct enqueue_form form = {0};
    struct mindee_enqueue q = MINDEE_ENQUEUE_INIT;
    struct error e;
    if (sized_copy(&q, sizeof q, enqueue, "mindee_enqueue", &e) < 0 ||
        enqueue_form_init(&form, &q, &e) < 0) {
        enqueue_form_release(&form);
        return refuse(client, &e);
    }
    struct call *call = call_new(client, REPLY_TO_ENQUEUE, cb, ctx);
    if (!too_late(call)) {
        struct buffer url;
        buffer_init(&url, 0);
        endpoint_url(&client->endpoint, form.path, &url);
        call_start(call, buffer_text(&url), &form);
        buffer_release(&url);
    }
    enqueue_form_release(&form);
    return 0;
}

int mindee_get_job(struct mindee_client *client, const char *job_id, mindee_cb cb, void *ctx)
{
    if (!endpoint_is_job_id(job_id)) {
        error_set(&client->refusal, ERR_USAGE, "%s is no job id", text_show(job_id));
        return -1;
    }
    struct call *call = call_new(client, REPLY_JOB, cb, ctx);
    text_copy(call->job_id, sizeof call->job_id, job_id);
    if (too_late(call))
        return 0;
    struct buffer url;
    buffer_init(&url, 0);
    endpoint_url(&client->endpoint, "/v2/jobs/", &url);
    buffer_put(&url, job_id);
    endpoint_query(&url, "redirect", "false");
    call_start(call, buffer_text(&url), NULL);
    buffer_release(&url);
    return 0;
}

void mindee_get_result(struct mindee_client *client, const char *result_url, mindee_cb cb,
                       void *ctx)
{
    struct call *call = call_new(client, REPLY_RESULT, cb, ctx);
    struct buffer url;
    struct error e;
    if (too_late(call))
        return;
    buffer_init(&url, 0);
    if (endpoint_follow(&client->endpoint, result_url, &url, &e) < 0)
        answer_later(call, MINDEE_FOREIGN_URL, e.text);
    else
        call_start(call, buffer_text(&url), NULL);
    buffer_release(&url);
}

void mindee_search_models(struct mindee_client *client, const char *name, const char *type,
                          int page, mindee_cb cb, void *ctx)
{
    struct call *call = call_new(client, REPLY_MODELS, cb, ctx);
    if (too_late(call))
        return;
    struct buffer url;
    char number[16];
    snprintf(number, sizeof number, "%d", page > 1 ? page : 1);
    buffer_init(&url, 0);
    endpoint_url(&client->endpoint, "/v2/search/models", &url);
    if (name && *name)
        endpoint_query(&url, "name", name);
    if (type && *type)
        endpoint_query(&url, "model_type", type);
    endpoint_query(&url, "page", number);
    call_start(call, buffer_text(&url), NULL);
    buffer_release(&url);
}

const char *mindee_refusal(const struct mindee_client *client)
{
    return client->refusal.code ? client->refusal.text : "";
}

/* Cancelling may or may not call back at once, and a callback may start new calls, which stay:
 * those to cancel are moved aside first. */
static void cancel_those(struct list *calls, bool all, const void *ctx)
{
    struct list cancelled;
    list_init(&cancelled);
    LIST_EACH_SAFE (node, calls) {
        if (!all && LIST_ENTRY(node, struct call, node)->ctx != ctx)
            continue;
        list_remove(node);
        list_push_back(&cancelled, node);
    }
    while (!list_empty(&cancelled)) {
        struct list *node = list_first(&cancelled);
        list_remove(node);
        list_push_back(calls, node);
        transfer_cancel(LIST_ENTRY(node, struct call, node)->transfer);
    }
}

void mindee_client_cancel_uploads(struct mindee_client *client)
{
    cancel_those(&client->uploads, true, NULL);
}

void calls_cancel(struct mindee_client *client, const void *ctx)
{
    LIST_EACH (node, &client->later) {
        struct call *call = LIST_ENTRY(node, struct call, node);
        if (call->ctx != ctx)
            continue;
        call->fault = MINDEE_CANCELLED;
        text_copy(call->why, sizeof call->why, "cancelled");
    }
    cancel_those(&client->uploads, false, ctx);
    cancel_those(&client->requests, false, ctx);
}

void mindee_client_cancel_stalled(struct mindee_client *client, int64_t still_ms)
{
    transfer_pool_cancel_stalled(client->pool, still_ms);
}
