/* The sandbox's life, and the gate that each request passes: the key, then the limits, then the
 * faults, then the API itself.
 *
 * A request counts in its window when it is let in, whatever becomes of it: 422 and injected 500
 * count. Not counted are those that the gate refuses: a bad key (401), an exhausted window (429).
 * The record under /sandbox is outside of all that.
 *
 * Random numbers come in streams of one seed (ids, processing times, faults, webhooks), so that
 * injecting faults doesn't change how long jobs take. */
#include "sandbox/sandbox_internal.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    BODY_MAX_BYTES = 150000000, /* a file of 100 MB as base64 in JSON, and its form */
    GRACE_MS = 1000,            /* for answers under way when it closes */
};

/* ---- the gate ---- */

static bool has_scheme(const char *key, const char *scheme)
{
    size_t len = strlen(scheme);
    return strncasecmp(key, scheme, len) == 0 && (key[len] == ' ' || key[len] == 0);
}

static int check_key(struct sandbox *s, const char *key, struct problem *p)
{
    if (key == NULL || key[0] == 0)
        return problem_no_credentials(p);
    if (has_scheme(key, "Bearer") || has_scheme(key, "Token"))
        return problem_bad_key(p);
    if (s->key != NULL && strcmp(s->key, key) != 0)
        return problem_bad_key(p);
    if (s->options.revoke_key_after > 0 && s->let_in >= (uint64_t)s->options.revoke_key_after)
        return problem_bad_key(p);
    return 0;
}

/* 0, or -1 with the refusal in A. */
static int pass_gate(struct sandbox *s, struct http_request *r, struct answer *a)
{
    struct problem p;
    if (check_key(s, http_request_header(r, "Authorization"), &p) != 0) {
        s->refused_keys++;
        answer_problem(a, &p);
        return -1;
    }
    bool post = strcmp(http_request_method(r), "POST") == 0;
    if (!window_admit(post ? &s->posts : &s->gets, loop_now(s->loop))) {
        answer_status(a, 429, NULL);
        return -1;
    }
    s->let_in++;
    return 0;
}

/* An error instead of the work. */
static bool fault_prevents(const struct fault *fault, struct answer *a)
{
    if (fault->kind != FAULT_STATUS && fault->kind != FAULT_RETRY_AFTER &&
        fault->kind != FAULT_RETRY_DATE)
        return false;
    answer_status(a, fault->status, NULL);
    if (fault->kind != FAULT_STATUS)
        a->retry_after_ms = fault->wait_ms;
    a->retry_date = fault->kind == FAULT_RETRY_DATE;
    return true;
}

static void handle(void *ctx, struct http_request *r)
{
    struct sandbox *s = ctx;
    struct answer a;
    struct fault fault = {.kind = FAULT_NONE};
    answer_begin(&a);
    const char *path = http_request_path(r);
    if (strncmp(path, "/sandbox/", 9) == 0) {
        if (!stats_answer(s, r, &a))
            answer_status(&a, 404, NULL);
        answer_send(s, r, &a, &fault);
        return;
    }
    if (pass_gate(s, r, &a) == 0) {
        struct route route = route_find(path);
        fault = fault_plan_draw(s->options.faults, &s->fault_random, route_faults(&route), false);
        if (!fault_prevents(&fault, &a))
            route_answer(s, &route, r, &a);
    }
    LOG(LOG_INFO, "sandbox.request", LOG_STR("method", http_request_method(r)),
        LOG_STR("path", path), LOG_INT("status", a.status), LOG_INT("fault", fault.kind));
    trace_answer(s, r, &a);
    answer_send(s, r, &a, &fault);
}

/* Faults that strike before the body is read. */
static void begin(void *ctx, struct http_request *r)
{
    struct sandbox *s = ctx;
    struct route route = route_find(http_request_path(r));
    if (route.kind == ROUTE_NONE)
        return;
    struct fault fault =
        fault_plan_draw(s->options.faults, &s->fault_random, route_faults(&route), true);
    if (fault.kind == FAULT_RESET_BEFORE) {
        s->resets_before++;
        http_request_drop(r, HTTP_DROP_RESET);
    }
}

/* ---- life ---- */

int sandbox_new(struct sandbox **out, struct loop *loop, const struct sandbox_options *options,
                struct error *e)
{
    struct sandbox *s = xcalloc(1, sizeof *s);
    struct http_server_options http = {
        .host = options->host,
        .port = options->port,
        .tls_cert_pem = options->tls_cert_pem,
        .tls_key_pem = options->tls_key_pem,
        .max_connections = 4000,
        .max_body_bytes = BODY_MAX_BYTES,
        .begin = begin,
        .handle = handle,
        .ctx = s,
    };
    int rc = http_server_new(&s->server, loop, &http, e);
    if (rc != 0) {
        free(s);
        return rc;
    }
    s->loop = loop;
    s->options = *options;
    s->tls = options->tls_cert_pem != NULL;
    s->key = options->key != NULL ? xstrdup(options->key) : NULL;
    rag_init(&s->rag);
    record_init(&s->record, options->seed, options->retention_ms);
    window_init(&s->posts, options->posts_per_minute);
    window_init(&s->gets, options->gets_per_minute);
    random_init(&s->latency_random, options->seed + 1);
    random_init(&s->fault_random, options->seed + 2);
    timer_queue_init(&s->late);
    list_init(&s->late_all);
    s->late_timer = loop_timer_new(loop, late_answers_due, s);
    s->open = 1;
    if (catalog_delivers(options->catalog)) {
        rc = webhooks_new(&s->webhooks, loop, &s->options, &s->record, late_answer_release, s, e);
        if (rc != 0) {
            sandbox_close(s, NULL, NULL);
            return rc;
        }
        s->open = 2;
    }
    *out = s;
    return 0;
}

uint16_t sandbox_port(const struct sandbox *s)
{
    return http_server_port(s->server);
}

/* The record lives until both the server and the webhooks have let go of it. */
static void part_closed(void *ctx)
{
    struct sandbox *s = ctx;
    if (--s->open > 0)
        return;
    loop_timer_close(s->late_timer);
    timer_queue_release(&s->late);
    record_release(&s->record);
    rag_release(&s->rag);
    window_release(&s->posts);
    window_release(&s->gets);
    free(s->key);
    void (*closed)(void *) = s->closed;
    void *closed_ctx = s->closed_ctx;
    free(s);
    if (closed != NULL)
        closed(closed_ctx);
}

void sandbox_close(struct sandbox *s, void (*closed)(void *ctx), void *ctx)
{
    s->closed = closed;
    s->closed_ctx = ctx;
    late_answers_drop(s);
    http_server_close(s->server, GRACE_MS, part_closed, s);
    if (s->webhooks != NULL)
        webhooks_close(s->webhooks, part_closed, s);
    s->webhooks = NULL; /* requests may still come in the server's grace */
}
