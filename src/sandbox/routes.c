/* The API: which path is what, and what it does. See the OpenAPI description for the statuses.
 *
 * Enqueueing draws the job's processing time and whether it fails; from then on its state is a
 * matter of the clock. URLs in answers are built on the Host that the client used, so that they are
 * right behind a forwarded port too. */
#include "sandbox/result.h"
#include "sandbox/sandbox_internal.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { INFERENCE_LIMIT_MS = 590000 };

/* ---- paths ---- */

static bool starts(const char *text, const char *with, const char **rest)
{
    size_t len = strlen(with);
    if (strncmp(text, with, len) != 0)
        return false;
    *rest = text + len;
    return true;
}

/* What follows /v2/products/ or stands for it: "PRODUCT/enqueue", "PRODUCT/results/ID". */
static struct route find_product(const char *rest)
{
    struct route route = {.kind = ROUTE_NONE};
    const char *slash = strchr(rest, '/');
    if (slash == NULL || !product_find(rest, (size_t)(slash - rest), &route.product))
        return route;
    if (strcmp(slash, "/enqueue") == 0)
        route.kind = ROUTE_ENQUEUE;
    else if (starts(slash, "/results/", &route.id) && strchr(route.id, '/') == NULL)
        route.kind = ROUTE_RESULT;
    return route;
}

struct route route_find(const char *path)
{
    struct route route = {.kind = ROUTE_NONE, .product = PRODUCT_EXTRACTION};
    const char *rest;
    if (starts(path, "/v2/products/extraction/rag-documents", &rest) &&
        (*rest == 0 || (*rest == '/' && strchr(rest + 1, '/') == NULL))) {
        route.kind = ROUTE_RAG;
        route.id = *rest != 0 ? rest + 1 : NULL;
        return route;
    }
    if (starts(path, "/v2/products/", &rest))
        return find_product(rest);
    if (strcmp(path, "/v2/inferences/enqueue") == 0)
        route.kind = ROUTE_ENQUEUE;
    else if (starts(path, "/v2/inferences/", &route.id) && strchr(route.id, '/') == NULL)
        route.kind = ROUTE_RESULT;
    else if (starts(path, "/v2/jobs/", &route.id) && strchr(route.id, '/') == NULL)
        route.kind = ROUTE_JOB;
    else if (strcmp(path, "/v2/search/models") == 0)
        route.kind = ROUTE_MODELS;
    else if (strcmp(path, "/v2/search/rag-documents") == 0)
        route.kind = ROUTE_RAG_SEARCH;
    return route;
}

enum fault_route route_faults(const struct route *route)
{
    switch (route->kind) {
    case ROUTE_ENQUEUE:
        return FAULT_POST;
    case ROUTE_JOB:
        return FAULT_JOB;
    case ROUTE_RESULT:
        return FAULT_RESULT;
    default:
        return FAULT_MODELS;
    }
}

/* "https://127.0.0.1:4711", by the client's own Host header where that is a plausible one, and by
 * what a proxy in front says of the scheme. */
static void put_base(struct buffer *b, const struct sandbox *s, const struct http_request *r)
{
    const char *host = http_request_header(r, "Host");
    static const char good[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    const char *scheme = http_request_header(r, "X-Forwarded-Proto");
    bool forwarded_tls = scheme != NULL && strcmp(scheme, "https") == 0;
    buffer_put(b, s->tls || forwarded_tls ? "https://" : "http://");
    if (host != NULL && host[0] != 0 && host[strspn(host, good)] == 0)
        buffer_put(b, host);
    else
        buffer_printf(b, "127.0.0.1:%u", http_server_port(s->server));
}

static void put_job(struct sandbox *s, const struct job *j, struct mono now, struct http_request *r,
                    struct answer *a, bool redirect)
{
    struct buffer base;
    buffer_init(&base, 0);
    put_base(&base, s, r);
    job_write(&a->body, j, &s->record, now, buffer_text(&base));
    if (redirect && job_status_at(j, &s->record, now) == JOB_PROCESSED) {
        a->status = 302;
        job_result_url(&a->location, j, &s->record, buffer_text(&base));
    }
    buffer_release(&base);
}

/* ---- enqueue ---- */

static int64_t draw_duration(struct sandbox *s)
{
    double normal = random_normal(&s->latency_random);
    double ms = (double)s->options.latency_median_ms * exp(s->options.latency_sigma * normal);
    return ms >= INFERENCE_LIMIT_MS ? INFERENCE_LIMIT_MS : (int64_t)ms;
}

static enum job_failure draw_failure(struct sandbox *s, int64_t duration_ms)
{
    double fails = random_unit(&s->latency_random), how = random_unit(&s->latency_random);
    if (duration_ms >= INFERENCE_LIMIT_MS)
        return JOB_FAILS_500;
    if (fails >= s->options.fail_rate)
        return JOB_SUCCEEDS;
    return how < 0.5 ? JOB_FAILS_422 : JOB_FAILS_500;
}

static bool credits_left(const struct sandbox *s)
{
    return s->options.credits == 0 || s->record.charged_pages < (uint64_t)s->options.credits;
}

static void enqueue(struct sandbox *s, enum product product, struct http_request *r,
                    struct answer *a)
{
    struct form form;
    struct problem p;
    struct buffer *body = http_request_body(r);
    form_init(&form);
    form.catalog = s->options.catalog;
    if (form_read(&form, product, http_request_header(r, "Content-Type"), buffer_text(body),
                  body->len, &p) != 0) {
        answer_problem(a, &p);
    } else if (!credits_left(s)) {
        answer_status(a, 402, NULL);
    } else {
        int64_t duration_ms = draw_duration(s);
        enum job_failure failure = draw_failure(s, duration_ms);
        struct job *j = record_accept(&s->record, &form, clock_wall(loop_clock(s->loop)),
                                      loop_now(s->loop), duration_ms, failure);
        rag_match(&s->rag, j, j->created_at);
        j->answer = answers_find(s->options.answers, product,
                                 form.url == NULL ? j->content->sha : NULL, j->filename);
        a->status = 202;
        put_job(s, j, (struct mono){INT64_MIN}, r, a, false); /* processing, however quick */
        if (s->webhooks != NULL && webhooks_accept(s->webhooks, j))
            a->held_for = j;
    }
    form_release(&form);
}

/* ---- the GETs ---- */

static void get_job(struct sandbox *s, const char *id, struct http_request *r, struct answer *a)
{
    bool redirect = true;
    if (!check_id(id, "job_id", a) ||
        !read_flag(http_request_argument(r, "redirect"), "redirect", &redirect, a))
        return;
    struct mono now = loop_now(s->loop);
    const struct job *j = record_find_job(&s->record, id);
    if (j == NULL || job_status_at(j, &s->record, now) == JOB_EXPIRED)
        answer_status(a, 404, "The job doesn't exist, or not any more.");
    else
        put_job(s, j, now, r, a, redirect);
}

static void get_result(struct sandbox *s, const struct route *route, struct answer *a)
{
    if (!check_id(route->id, "inference_id", a))
        return;
    struct job *j = record_find_inference(&s->record, route->id);
    if (j == NULL || j->model->product != route->product || j->deleted ||
        job_status_at(j, &s->record, loop_now(s->loop)) != JOB_PROCESSED) {
        answer_status(a, 404, "The inference doesn't exist, isn't ready, or was deleted.");
        return;
    }
    result_write(&a->body, j, &s->record);
    j->fetched++;
    j->deleted = s->options.delete_when_fetched;
    s->record.results_served++;
}

static void search_models(struct sandbox *s, struct http_request *r, struct answer *a)
{
    int page, per_page;
    if (!read_pages(r, &page, &per_page, a))
        return;
    catalog_search(s->options.catalog, &a->body, http_request_argument(r, "name"),
                   http_request_argument(r, "model_type"), page, per_page);
}

void route_answer(struct sandbox *s, const struct route *route, struct http_request *r,
                  struct answer *a)
{
    const char *wanted = route->kind == ROUTE_ENQUEUE ? "POST" : "GET";
    if (route->kind != ROUTE_NONE && route->kind != ROUTE_RAG &&
        strcmp(http_request_method(r), wanted) != 0) {
        answer_status(a, 405, NULL);
        return;
    }
    switch (route->kind) {
    case ROUTE_ENQUEUE:
        enqueue(s, route->product, r, a);
        break;
    case ROUTE_JOB:
        get_job(s, route->id, r, a);
        break;
    case ROUTE_RESULT:
        get_result(s, route, a);
        break;
    case ROUTE_MODELS:
        search_models(s, r, a);
        break;
    case ROUTE_RAG:
        rag_route_answer(s, route->id, r, a);
        break;
    case ROUTE_RAG_SEARCH:
        rag_search_answer(s, r, a);
        break;
    case ROUTE_NONE:
        answer_status(a, 404, "There is no such path.");
        break;
    }
}
