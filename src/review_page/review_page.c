/* See review_page.h. A request's headers are looked at before its body is read (begin), so that nobody who may not talk to it
 * has the server keep anything; then it is answered at once (a file of the page) or goes to the jobs. */
#include "review_page/review_page.h"

#include "base/text.h"
#include "review_page/assets.h"
#include "review_page/page_answer.h"
#include "review_page/page_guard.h"
#include "review_page/page_jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS_MAX = 64, GRACE_MS = 2000, TIMEOUT_MS = 30000 };

struct review_page {
    struct loop *loop;
    struct http_server *server;
    struct page_guard guard;
    struct page_jobs *jobs;
    struct loop_timer *timer;
    int64_t idle_ms;
    void (*idle)(void *ctx);
    void *ctx;
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
    char address[64 + PAGE_TOKEN_TEXT];
};

static void set_timer(struct review_page *p)
{
    if (p->idle_ms > 0 && !p->closing)
        loop_timer_set(p->timer, mono_add(loop_now(p->loop), p->idle_ms));
}

static void tick(void *ctx)
{
    struct review_page *p = ctx;
    p->idle(p->ctx);
}

static void begin(void *ctx, struct http_request *r)
{
    struct review_page *p = ctx;
    const struct page_visit visit = {
        .method = http_request_method(r),
        .path = http_request_path(r),
        .host = http_request_header(r, "Host"),
        .origin = http_request_header(r, "Origin"),
        .fetch_site = http_request_header(r, "Sec-Fetch-Site"),
        .token = http_request_header(r, "X-Review-Token"),
        .content_type = http_request_header(r, "Content-Type"),
        .body_bytes = http_request_announced_bytes(r),
    };
    const char *why = "";
    int status = page_guard_look(&p->guard, &visit, loop_now(p->loop).ms, &why);
    if (status)
        page_answer_error(r, status, why);
}

static void answer_file(struct http_request *r, enum page_place place)
{
    const struct page_asset *file = place == AT_HTML  ? &page_asset_html
                                    : place == AT_CSS ? &page_asset_css
                                                      : &page_asset_js;
    const char *type = place == AT_HTML  ? "text/html; charset=utf-8"
                       : place == AT_CSS ? "text/css; charset=utf-8"
                                         : "text/javascript; charset=utf-8";
    struct buffer body;
    buffer_init(&body, 0);
    REQUIRE(buffer_append(&body, file->bytes, file->len) == 0);
    page_answer(r, 200, type, &body);
}

static void handle(void *ctx, struct http_request *r)
{
    struct review_page *p = ctx;
    struct page_route route;
    int status = page_route_read(&route, http_request_method(r), http_request_path(r));
    set_timer(p);
    if (status)
        page_answer_error(r, status,
                          status == 405 ? "this takes the other method" : "there is no such place");
    else if (route.place == AT_HTML || route.place == AT_CSS || route.place == AT_JS)
        answer_file(r, route.place);
    else
        page_jobs_add(p->jobs, r, &route);
}

static int listen_at(struct review_page *p, uint16_t port, struct error *e)
{
    const struct http_server_options server = {
        .host = "127.0.0.1",
        .port = port,
        .max_connections = CONNECTIONS_MAX,
        .max_body_bytes = SIZE_MAX / 2, /* the guard refuses what is larger than PAGE_BODY_MAX */
        .request_timeout_ms = TIMEOUT_MS,
        .begin = begin,
        .handle = handle,
        .ctx = p,
    };
    int err = http_server_new(&p->server, p->loop, &server, e);
    return err ? error_wrap(e, "--port %u", port) : 0;
}

int review_page_new(struct review_page **out, struct loop *loop,
                    const struct review_page_options *options, struct error *e)
{
    char token[PAGE_TOKEN_TEXT];
    struct review_page *p = xcalloc(1, sizeof *p);
    p->loop = loop;
    p->idle_ms = options->idle_ms;
    p->idle = options->idle;
    p->ctx = options->ctx;
    int err = listen_at(p, options->port, e);
    if (err) {
        free(p);
        return err;
    }
    uint16_t port = http_server_port(p->server);
    page_token_make(token);
    page_guard_init(&p->guard, port, token);
    snprintf(p->address, sizeof p->address, "http://127.0.0.1:%u/#%s", port, token);
    p->jobs = page_jobs_new(loop, options->desk, options->tools);
    p->timer = loop_timer_new(loop, tick, p);
    set_timer(p);
    *out = p;
    return 0;
}

const char *review_page_address(const struct review_page *p)
{
    return p->address;
}

static void jobs_closed(void *ctx)
{
    struct review_page *p = ctx;
    void (*closed)(void *) = p->closed;
    void *closed_ctx = p->closed_ctx;
    free(p);
    closed(closed_ctx);
}

static void server_closed(void *ctx)
{
    struct review_page *p = ctx;
    page_jobs_forget(p->jobs);
    page_jobs_close(p->jobs, jobs_closed, p);
}

void review_page_close(struct review_page *p, void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(!p->closing);
    p->closing = true;
    p->closed = closed;
    p->closed_ctx = ctx;
    loop_timer_close(p->timer);
    http_server_close(p->server, GRACE_MS, server_closed, p);
}
