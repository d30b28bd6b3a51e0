/* See reply.h.
 *
 * A whole answer is a success (2xx, and of a job also 302, whose body is the job), a refusal (4xx
 * and 5xx, with Mindee's error body or not), or unexpected: another redirect, a success that can't
 * be read. What that means for money is delivery.c's; here the body is only read and named. */
#include "client/reply.h"

#include "client/delivery.h"
#include "client/wording.h"

#include <string.h>

/* Replaces the key by asterisks wherever it stands. */
static void mask(struct buffer *body, const char *key)
{
    enum { SHORTEST_KEY = 8 }; /* shorter ones, which are no keys, stand in any text */
    if (strlen(key) < SHORTEST_KEY)
        return;
    size_t key_len = key ? strlen(key) : 0;
    if (!key_len || !body->len)
        return;
    char *p = body->data;
    char *end = body->data + body->len;
    while ((p = memmem(p, (size_t)(end - p), key, key_len))) {
        memset(p, '*', key_len);
        p += key_len;
    }
}

static bool is_success(const struct reply_question *q, int status)
{
    return (status >= 200 && status <= 299) || (q->kind == REPLY_JOB && status == 302);
}

/* A finished job must say where its result is: of a 302 the Location says it too. */
static int check_job(struct reply *a, const struct transfer_result *r, struct error *e)
{
    struct mindee_job *job = &a->payload.job;
    if (job->status != MINDEE_JOB_PROCESSED || *job->result_url)
        return 0;
    if (r->status != 302 || !r->location || !*r->location)
        return error_set(e, ERR_FORMAT, "the job is Processed and job.result_url is missing");
    job->result_url = r->location;
    return 0;
}

static int read_success(struct reply *a, const struct reply_question *q,
                        const struct transfer_result *r, struct error *e)
{
    const char *body = buffer_text(r->body);
    size_t len = r->body->len;
    int result = 0;
    switch (q->kind) {
    case REPLY_TO_ENQUEUE:
        result = payload_job(&a->payload, body, len, NULL, e);
        break;
    case REPLY_JOB:
        result = payload_job(&a->payload, body, len, q->job_id, e);
        if (result == 0)
            result = check_job(a, r, e);
        break;
    case REPLY_RESULT:
        result = payload_inference(&a->inference, &a->inference_text, body, len, e);
        break;
    case REPLY_MODELS:
        result = payload_models(&a->payload, body, len, e);
        break;
    }
    return result;
}

static void point_to_payload(struct reply *a, const struct reply_question *q)
{
    struct mindee_response *response = &a->response;
    switch (q->kind) {
    case REPLY_TO_ENQUEUE:
    case REPLY_JOB:
        response->job = &a->payload.job;
        break;
    case REPLY_RESULT:
        response->inference = &a->inference;
        break;
    case REPLY_MODELS:
        response->models = a->payload.models;
        response->model_count = a->payload.model_count;
        response->total_pages = a->payload.total_pages;
        break;
    }
}

/* Reads the body of a whole answer, and words what isn't well. */
static enum delivery_body read_body(struct reply *a, const struct reply_question *q,
                                    const struct transfer_result *r)
{
    struct error e = {0};
    if (is_success(q, r->status)) {
        if (read_success(a, q, r, &e) < 0) {
            wording_unexpected(a->text, r->status, e.text);
            return DELIVERY_BODY_OTHER;
        }
        point_to_payload(a, q);
        return DELIVERY_BODY_EXPECTED;
    }
    if (r->status >= 400 && r->status <= 599) {
        bool problem = payload_problem(&a->payload, buffer_text(r->body), r->body->len, &e) == 0;
        if (problem)
            a->response.problem = &a->payload.problem;
        wording_refusal(a->text, r->status, a->response.problem);
        return problem ? DELIVERY_BODY_PROBLEM : DELIVERY_BODY_OTHER;
    }
    bool redirect = r->status >= 300 && r->status <= 399;
    wording_unexpected(a->text, r->status,
                       redirect ? "no redirect is followed here" : "the API has no such answer");
    return DELIVERY_BODY_OTHER;
}

static void reply_init(struct reply *a)
{
    memset(a, 0, sizeof *a);
    payload_init(&a->payload);
    a->response.text = a->text;
    a->response.body = "";
    a->response.retry_after_ms = -1;
}

/* What won't mend itself by waiting, or may: a proxy that is busy, or doesn't reach Mindee (5xx). */
static enum mindee_fault connect_fault(const struct transfer_result *r)
{
    bool passes = r->proxy_status == 408 || r->proxy_status == 429;
    if (r->proxy_status >= 400 && r->proxy_status <= 499 && !passes)
        return MINDEE_PROXY_REFUSES;
    return r->untrusted ? MINDEE_UNTRUSTED : MINDEE_CONNECT;
}

void reply_read(struct reply *a, const struct reply_question *q, struct transfer_result *r)
{
    reply_init(a);
    struct delivery_facts facts = {
        .upload = q->kind == REPLY_TO_ENQUEUE,
        .end = r->end,
        .on_wire = r->on_wire,
        .body_sent_whole = r->body_sent_whole,
        .status = r->status,
    };
    if (q->kind != REPLY_RESULT || !is_success(q, r->status))
        mask(r->body, q->key);
    if (r->end == TRANSFER_COMPLETE)
        facts.body = read_body(a, q, r);
    else
        wording_plain(a->text, r->text);
    struct mindee_response *response = &a->response;
    response->delivery = delivery_of(&facts);
    response->fault = delivery_fault(&facts);
    if (response->fault == MINDEE_CONNECT)
        response->fault = connect_fault(r);
    response->status = r->status;
    response->retry_after_ms = r->retry_after_ms;
    response->on_wire = r->on_wire;
    response->body_sent_bytes = r->body_sent_bytes;
    response->body = buffer_text(r->body);
    response->body_len = r->body->len;
}

void reply_without_request(struct reply *a, enum mindee_fault fault, const char *why)
{
    reply_init(a);
    a->response.delivery = MINDEE_NOT_SENT;
    a->response.fault = fault;
    wording_plain(a->text, why);
}

void reply_release(struct reply *a)
{
    payload_release(&a->payload);
    mindee_inference_free(a->inference_text);
    a->inference_text = NULL;
}
