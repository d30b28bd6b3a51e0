/* See monitor.h. A request's headers are looked at before its body is read (begin); then it is answered at once, from
 * memory. */
#include "monitor/monitor.h"

#include "base/log.h"
#include "base/text.h"
#include "monitor/answer.h"
#include "monitor/api.h"
#include "monitor/exposition.h"
#include "monitor/families.h"
#include "monitor/guard.h"
#include "monitor/health.h"
#include "monitor/login.h"
#include "monitor/metrics_file.h"
#include "monitor/page.h"
#include "monitor/token_file.h"
#include "webhook/webhook_address.h"
#include "webhook/webhook_certificate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 32,
    GRACE_MS = 500,
    SILENT_MS = 5000,   /* until the first request line */
    REQUEST_MS = 10000, /* for all of a request */
    LOOK_MS = 15000,    /* between two looks at what costs a query; metrics.file */
};

struct monitor {
    struct loop *loop;
    struct monitor_options options; /* their texts owned */
    struct observer observer;
    struct api *api;
    struct http_server *server; /* NULL: metrics.file alone */
    struct guard guard;
    struct webhook_certificate certificate; /* cert_path NULL: plain */
    struct file_stamp token_stamp;
    struct loop_timer *timer;
    bool unwritten; /* metrics.file, and that was said */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

void monitor_options_read(struct monitor_options *o, const struct config *config)
{
    const struct settings *s = config_settings(config);
    *o = (struct monitor_options){.listen = strcasecmp(s->http.listen, "off") == 0 ? NULL
                                                                                   : s->http.listen,
                                  .tls_cert = s->http.tls_cert,
                                  .tls_key = s->http.tls_key,
                                  .token_file = s->http.token_file,
                                  .metrics_file = s->metrics.file,
                                  .access = s->output.mode};
}

/* ---- the numbers ---- */

static void put_metrics(struct monitor *m, struct buffer *out, bool open_metrics)
{
    struct observed seen;
    observe(&m->observer, &seen, clock_wall(loop_clock(m->loop)));
    families_put(out, &seen, open_metrics);
    observed_release(&seen);
}

static void write_file(struct monitor *m)
{
    struct buffer text;
    struct error e;
    if (!m->options.metrics_file)
        return;
    buffer_init(&text, 0);
    put_metrics(m, &text, false);
    int rc = metrics_file_write(m->options.metrics_file, m->options.access, &text, &e);
    if (rc < 0 && !m->unwritten)
        LOG(LOG_WARNING, "metrics.unwritten", LOG_STR("cause", e.text),
            LOG_STR("next", "it is tried again"));
    else if (rc == 0 && m->unwritten)
        LOG(LOG_INFO, "metrics.written_again", LOG_STR("path", m->options.metrics_file));
    m->unwritten = rc < 0;
    buffer_release(&text);
}

/* ---- requests ---- */

static void answer_metrics(struct monitor *m, struct http_request *r)
{
    const char *accept = http_request_header(r, "Accept");
    bool open_metrics = accept && strstr(accept, "application/openmetrics-text");
    struct buffer body;
    buffer_init(&body, 0);
    put_metrics(m, &body, open_metrics);
    answer(r, 200, open_metrics ? exposition_type_open_metrics : exposition_type_prometheus, &body,
           NULL);
}

static void answer_ready(struct monitor *m, struct http_request *r)
{
    struct observed seen;
    struct buffer body;
    buffer_init(&body, 0);
    observe(&m->observer, &seen, clock_wall(loop_clock(m->loop)));
    bool ready = health_ready(&body, &seen);
    observed_release(&seen);
    answer_json(r, ready ? 200 : 503, &body);
}

static void answer_page(struct monitor *m, struct http_request *r)
{
    struct observed seen;
    struct buffer body;
    buffer_init(&body, 0);
    observe(&m->observer, &seen, clock_wall(loop_clock(m->loop)));
    page_put(&body, &seen);
    observed_release(&seen);
    answer(r, 200, "text/html; charset=utf-8", &body, NULL);
}

static void begin_cb(void *ctx, struct http_request *r)
{
    struct monitor *m = ctx;
    const struct guard_visit visit = {
        .method = http_request_method(r),
        .path = http_request_path(r),
        .host = http_request_header(r, "Host"),
        .origin = http_request_header(r, "Origin"),
        .fetch_site = http_request_header(r, "Sec-Fetch-Site"),
        .authorization = http_request_header(r, "Authorization"),
        .cookie = http_request_header(r, "Cookie"),
        .accept = http_request_header(r, "Accept"),
    };
    const struct http_header to_form = {"Location", "/login"};
    const char *why = "";
    int status = guard_look(&m->guard, &visit, loop_now(m->loop).ms, &why);
    if (status == 303)
        answer(r, status, "text/plain", NULL, &to_form);
    else if (status)
        answer_error(r, status, why);
}

static void handle_cb(void *ctx, struct http_request *r)
{
    struct monitor *m = ctx;
    const char *path = http_request_path(r);
    if (strcmp(path, "/login") == 0 && strcmp(http_request_method(r), "POST") == 0)
        login_take(r, &m->guard, loop_now(m->loop).ms);
    else if (strcmp(path, "/login") == 0)
        login_show(r, 200, false);
    else if (strcmp(path, "/healthz") == 0) /* whoever hangs doesn't answer */
        answer_text(r, 200, "text/plain", "ok\n");
    else if (strcmp(path, "/readyz") == 0)
        answer_ready(m, r);
    else if (strcmp(path, "/metrics") == 0)
        answer_metrics(m, r);
    else if (strcmp(path, "/") == 0)
        answer_page(m, r);
    else if (!page_take(r) && !api_take(m->api, r))
        answer_error(r, 404, "there is no such place");
}

/* ---- certificate and token ---- */

static int read_token(struct monitor *m, struct error *e)
{
    char *token = token_file_read(m->options.token_file, &m->token_stamp, e);
    if (!token)
        return e->code;
    guard_token(&m->guard, token);
    explicit_bzero(token, strlen(token));
    free(token);
    return 0;
}

static void say_kept(const struct error *e)
{
    LOG(LOG_WARNING, "monitor.reload", LOG_STR("cause", e->text),
        LOG_STR("next", "the old one stays"));
}

static void read_token_again(struct monitor *m)
{
    struct error e;
    if (m->options.token_file && read_token(m, &e) < 0)
        say_kept(&e);
}

static void read_certificate_again(struct monitor *m)
{
    struct buffer cert, key;
    struct error e;
    if (!m->certificate.cert_path)
        return;
    int rc = webhook_certificate_read(&m->certificate, clock_wall(loop_clock(m->loop)), &cert, &key,
                                      &m->certificate.life, &e);
    if (rc == 0)
        rc = http_server_set_certificate(m->server, buffer_text(&cert), buffer_text(&key), &e);
    webhook_certificate_wipe(&cert, &key);
    if (rc < 0)
        say_kept(&e);
}

void monitor_reload(struct monitor *m)
{
    if (!m || !m->server)
        return;
    read_certificate_again(m);
    read_token_again(m);
}

/* ---- life ---- */

static void tick_cb(void *ctx)
{
    struct monitor *m = ctx;
    observer_look(&m->observer);
    write_file(m);
    if (m->server && m->certificate.cert_path && webhook_certificate_changed(&m->certificate))
        read_certificate_again(m);
    if (m->server && m->options.token_file &&
        token_file_changed(m->options.token_file, &m->token_stamp))
        read_token_again(m);
    loop_timer_set(m->timer, mono_add(loop_now(m->loop), LOOK_MS));
}

static bool is_for_cb(void *ctx, const char *name)
{
    const struct monitor *m = ctx;
    return http_server_certificate_is_for(m->server, name);
}

static int check_reach(const struct monitor_options *o, const struct webhook_address *a,
                       struct error *e)
{
    const char *missing = !o->tls_cert     ? "http.tls_cert and http.tls_key"
                          : !o->token_file ? "http.token_file"
                                           : NULL;
    if (a->loopback || !missing)
        return 0;
    return error_set(e, ERR_USAGE,
                     "http.listen = %s would show names of files and numbers to whoever reaches "
                     "this machine: give %s, or listen on 127.0.0.1:%u",
                     text_show(o->listen), missing, a->port);
}

static int start_server(struct monitor *m, const struct webhook_address *a, struct error *e)
{
    const struct monitor_options *o = &m->options;
    struct buffer cert = {0}, key = {0};
    int rc = 0;
    if (o->tls_cert)
        rc = webhook_certificate_read(&m->certificate, clock_wall(loop_clock(m->loop)), &cert, &key,
                                      &m->certificate.life, e);
    if (rc == 0) {
        const struct http_server_options server = {
            .host = a ? a->host : NULL,
            .port = a ? a->port : 0,
            .unix_path = a ? NULL : o->listen,
            .tls_cert_pem = o->tls_cert ? buffer_text(&cert) : NULL,
            .tls_key_pem = o->tls_cert ? buffer_text(&key) : NULL,
            .max_connections = CONNECTIONS_MAX,
            .max_body_bytes = LOGIN_BODY_MAX,
            .silent_timeout_ms = SILENT_MS,
            .request_timeout_ms = REQUEST_MS,
            .begin = begin_cb,
            .handle = handle_cb,
            .ctx = m,
        };
        rc = http_server_new(&m->server, m->loop, &server, e);
        if (rc < 0)
            error_wrap(e, "http.listen = %s", text_show(o->listen));
    }
    webhook_certificate_wipe(&cert, &key);
    return rc < 0 ? (e->code = ERR_USAGE) : 0;
}

static int listen_at(struct monitor *m, struct error *e)
{
    const struct monitor_options *o = &m->options;
    bool is_path = *o->listen == '/';
    struct webhook_address a = {0};
    char machine[GUARD_NAME_MAX] = "";
    int rc = is_path ? 0 : webhook_address_parse(&a, "http.listen", o->listen, e);
    if (rc == 0 && !is_path)
        rc = check_reach(o, &a, e);
    if (rc < 0)
        return rc;
    (void)gethostname(machine, sizeof machine - 1);
    if (o->tls_cert)
        m->certificate = (struct webhook_certificate){
            .section = "http", .cert_path = xstrdup(o->tls_cert), .key_path = xstrdup(o->tls_key)};
    guard_init(&m->guard, &(struct guard_place){.host = a.host,
                                                .machine = machine,
                                                .tls = o->tls_cert != NULL,
                                                .is_for = o->tls_cert ? is_for_cb : NULL,
                                                .ctx = m});
    if (o->token_file)
        rc = read_token(m, e);
    if (rc == 0)
        rc = start_server(m, is_path ? NULL : &a, e);
    if (rc == 0)
        LOG(LOG_INFO, "monitor.listening", LOG_STR("name", o->listen),
            LOG_INT("port", is_path ? -1 : http_server_port(m->server)));
    return rc;
}

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static void copy_options(struct monitor_options *to, const struct monitor_options *from)
{
    *to = (struct monitor_options){.listen = copy(from->listen),
                                   .tls_cert = copy(from->tls_cert),
                                   .tls_key = copy(from->tls_key),
                                   .token_file = copy(from->token_file),
                                   .metrics_file = copy(from->metrics_file),
                                   .access = from->access};
}

static void monitor_free(struct monitor *m)
{
    const char *texts[] = {m->options.listen, m->options.tls_cert, m->options.tls_key,
                           m->options.token_file, m->options.metrics_file};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free((char *)texts[i]);
    observer_release(&m->observer);
    free(m->certificate.cert_path);
    free(m->certificate.key_path);
    explicit_bzero(&m->guard, sizeof m->guard);
    free(m);
}

int monitor_new(struct monitor **out, struct loop *loop, const struct monitor_options *options,
                const struct batch_views *views, struct error *e)
{
    *out = NULL;
    if (!options->listen && !options->metrics_file)
        return 0;
    struct monitor *m = xcalloc(1, sizeof *m);
    m->loop = loop;
    copy_options(&m->options, options);
    observer_init(&m->observer, views, clock_wall(loop_clock(loop)));
    int rc = options->listen ? listen_at(m, e) : 0;
    if (rc < 0) {
        monitor_free(m);
        return rc;
    }
    m->api = api_new(loop, &m->observer);
    m->timer = loop_timer_new(loop, tick_cb, m);
    loop_timer_set(m->timer, loop_now(loop));
    loop_measure(loop, &m->observer.turns);
    *out = m;
    return 0;
}

static void server_closed(void *ctx)
{
    struct monitor *m = ctx;
    api_free(m->api);
    void (*closed)(void *) = m->closed;
    void *closed_ctx = m->closed_ctx;
    monitor_free(m);
    if (closed)
        closed(closed_ctx);
}

void monitor_close(struct monitor *m, void (*closed)(void *ctx), void *ctx)
{
    if (!m) {
        if (closed)
            closed(ctx);
        return;
    }
    m->closed = closed;
    m->closed_ctx = ctx;
    observer_look(&m->observer);
    write_file(m);
    loop_measure(m->loop, NULL);
    loop_timer_close(m->timer);
    if (m->server)
        http_server_close(m->server, GRACE_MS, server_closed, m);
    else
        server_closed(m);
}
