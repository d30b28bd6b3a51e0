/* The receiver of webhooks: what is checked, in which order, and who holds what.
 *
 * A request is judged twice. When its headers are in (begin): path, method, query secret, and
 * whether there is something that looks like a signature; what fails is answered before its body
 * is read, so that junk costs a connection (which is closed) and a few hundred bytes. When the
 * whole body is in (handle): its HMAC under each secret, over the bytes where they lie. Only then
 * is it a delivery, in the list `held` until its reply; that list is in the order of their coming,
 * so that the first is the next to time out. One that timed out is answered 503 and waits in
 * `overdue` for the reply that is still owed, with its body.
 *
 * One timer: the first delivery's timeout, and once a minute a look at the files of certificate and
 * secrets, and a line on what was refused.
 *
 * Closing: what is held gets 503, the server closes, and its last callback frees everything. */
#include "webhook/webhook_receiver.h"

#include "base/digest.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "net/http_server.h"
#include "webhook/webhook_address.h"
#include "webhook/webhook_certificate.h"
#include "webhook/webhook_secrets.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    MINUTE_MS = 60 * 1000,
    DAY_MS = 24 * 60 * MINUTE_MS,
    WARN_DAYS = 14, /* before a certificate's end */
    SIGNATURE_HEX = 2 * SHA256_BYTES,
    SILENT_MS = 10000, /* a connection that sent nothing */
};

struct webhook_receiver {
    struct loop *loop;
    struct http_server *server;
    struct loop_timer *timer;
    char *path, *query_secret; /* owned; query_secret may be NULL */
    struct webhook_secrets secrets;
    struct webhook_certificate certificate;
    int64_t hold_timeout_ms, look_every_ms;
    void (*delivered)(void *ctx, struct webhook_delivery *d, const char *body, size_t len);
    void *ctx;
    struct list held;    /* deliveries without reply, oldest first */
    struct list overdue; /* answered 503 for want of one; the reply is still owed */
    struct mono next_look;
    struct webhook_receiver_counts counts, told; /* told: as of the last line in the log */
    int told_days;                               /* likewise, of the certificate */
    void (*closed)(void *ctx);
    void *closed_ctx;
    bool closing;
    uint16_t port;
};

struct webhook_delivery {
    struct list node; /* in held or overdue */
    struct webhook_receiver *receiver;
    struct http_request *request; /* NULL once overdue */
    struct buffer body;           /* of an overdue one */
    struct mono due;
};

/* ---- replies ---- */

static void answer(struct http_request *r, int status, const char *allow)
{
    struct http_header headers[] = {{"Allow", allow}};
    http_request_reply(r, &(struct http_reply){.status = status,
                                               .headers = headers,
                                               .header_count = allow != NULL ? 1 : 0});
}

static void answer_health(struct http_request *r)
{
    struct buffer body;
    struct http_header type = {"Content-Type", "text/plain"};
    buffer_init(&body, 0);
    buffer_put(&body, "ok\n");
    http_request_reply(
        r, &(struct http_reply){.status = 200, .headers = &type, .header_count = 1, .body = &body});
}

static void set_timer(struct webhook_receiver *w)
{
    struct list *first = list_first(&w->held);
    struct mono next = w->next_look;
    if (first != NULL)
        next = mono_min(next, LIST_ENTRY(first, struct webhook_delivery, node)->due);
    loop_timer_set(w->timer, next);
}

static void delivery_free(struct webhook_delivery *d)
{
    list_remove(&d->node);
    buffer_release(&d->body);
    free(d);
}

void webhook_delivery_reply(struct webhook_delivery *d, int status)
{
    REQUIRE(status >= 200 && status <= 599);
    struct webhook_receiver *w = d->receiver;
    if (d->request != NULL) {
        answer(d->request, status, NULL);
        w->counts.held--;
        w->counts.accepted += status < 300;
    }
    delivery_free(d);
}

/* The body goes over to the delivery: whoever has to reply may still read it. */
static void time_out(struct webhook_receiver *w, struct webhook_delivery *d)
{
    struct buffer *body = http_request_body(d->request);
    d->body = *body;
    buffer_init(body, 0);
    answer(d->request, 503, NULL);
    d->request = NULL;
    list_remove(&d->node);
    list_push_back(&w->overdue, &d->node);
    w->counts.held--;
    w->counts.timed_out++;
}

/* ---- judging ---- */

static bool query_secret_fits(const struct webhook_receiver *w, struct http_request *r)
{
    if (w->query_secret == NULL)
        return true;
    const char *given = http_request_argument(r, "secret");
    size_t len = strlen(w->query_secret);
    return given != NULL && strlen(given) == len &&
           bytes_equal_constant_time(given, w->query_secret, len);
}

static const char *signature_of(const struct http_request *r)
{
    const char *text = http_request_header(r, "X-Signature");
    if (text == NULL || strlen(text) != SIGNATURE_HEX ||
        strspn(text, "0123456789abcdefABCDEF") != SIGNATURE_HEX)
        return NULL;
    return text;
}

static void refuse_signature(struct webhook_receiver *w, struct http_request *r)
{
    w->counts.refused_signature++;
    answer(r, 401, NULL);
}

static void begin(void *ctx, struct http_request *r)
{
    struct webhook_receiver *w = ctx;
    const char *path = http_request_path(r), *method = http_request_method(r);
    bool health = strcmp(path, "/healthz") == 0;
    if (strcmp(path, w->path) == 0) {
        if (strcmp(method, "POST") != 0) {
            w->counts.refused_method++;
            answer(r, 405, "POST");
        } else if (!query_secret_fits(w, r) || signature_of(r) == NULL) {
            refuse_signature(w, r);
        }
    } else if (!health) {
        w->counts.refused_path++;
        answer(r, 404, NULL);
    } else if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
        if (http_request_announced_bytes(r) != 0)
            answer_health(r); /* else in handle(), which leaves the connection open */
    } else {
        w->counts.refused_method++;
        answer(r, 405, "GET, HEAD");
    }
}

static void handle(void *ctx, struct http_request *r)
{
    struct webhook_receiver *w = ctx;
    const struct buffer *body = http_request_body(r);
    const char *signature = signature_of(r);
    if (strcmp(http_request_path(r), w->path) != 0) {
        answer_health(r);
        return;
    }
    if (signature == NULL || !webhook_secrets_fit(&w->secrets, body->data, body->len, signature)) {
        refuse_signature(w, r);
        return;
    }
    if (w->closing) {
        w->counts.busy++;
        answer(r, 503, NULL);
        return;
    }
    struct webhook_delivery *d = xcalloc(1, sizeof *d);
    d->receiver = w;
    d->request = r;
    buffer_init(&d->body, 0);
    d->due = mono_add(loop_now(w->loop), w->hold_timeout_ms);
    list_push_back(&w->held, &d->node);
    w->counts.delivered++;
    w->counts.held++;
    if (w->held.next == &d->node)
        set_timer(w);
    w->delivered(w->ctx, d, body->len ? body->data : "", body->len); /* D may be gone after */
}

/* ---- the timer ---- */

static int days_left(const struct webhook_receiver *w)
{
    if (w->certificate.cert_path == NULL)
        return INT_MAX;
    int64_t left = w->certificate.life.not_after.ms - clock_wall(loop_clock(w->loop)).ms;
    return (int)((left < 0 ? left - DAY_MS + 1 : left) / DAY_MS);
}

static bool read_certificate_again(struct webhook_receiver *w)
{
    struct buffer cert, key;
    struct http_certificate life;
    struct error e;
    if (w->certificate.cert_path == NULL)
        return true;
    int rc = webhook_certificate_read(&w->certificate, clock_wall(loop_clock(w->loop)), &cert, &key,
                                      &life, &e);
    if (rc == 0)
        rc = http_server_set_certificate(w->server, buffer_text(&cert), buffer_text(&key), &e);
    webhook_certificate_wipe(&cert, &key);
    if (rc < 0) {
        LOG(LOG_WARNING, "webhook.certificate", LOG_STR("cause", e.text),
            LOG_STR("next", "the old one stays"), LOG_INT("days", days_left(w)));
        return false;
    }
    w->certificate.life = life;
    w->told_days = INT_MAX;
    LOG(LOG_INFO, "webhook.certificate", LOG_STR("path", w->certificate.cert_path),
        LOG_INT("days", days_left(w)));
    return true;
}

bool webhook_receiver_reload(struct webhook_receiver *w)
{
    bool secrets = webhook_secrets_read(&w->secrets);
    return read_certificate_again(w) && secrets;
}

static void tell_refusals(struct webhook_receiver *w)
{
    struct webhook_receiver_counts now;
    const struct webhook_receiver_counts *t = &w->told;
    webhook_receiver_counts(w, &now);
    int64_t signature = now.refused_signature - t->refused_signature, busy = now.busy - t->busy,
            late = now.timed_out - t->timed_out, tls = now.tls_failed - t->tls_failed,
            other = now.refused_path - t->refused_path + now.refused_method - t->refused_method +
                    now.too_large - t->too_large + now.overdue - t->overdue;
    w->told = now;
    if (signature + busy + late + tls + other == 0)
        return;
    bool ours = signature + busy + late > 0; /* the rest is what the internet sends everybody */
    LOG(ours ? LOG_WARNING : LOG_INFO, "webhook.refused", LOG_INT("signature", signature),
        LOG_INT("busy", busy), LOG_INT("unanswered", late), LOG_INT("tls", tls),
        LOG_INT("other", other),
        LOG_STR("next", signature > 0 ? "if Mindee sent them, webhook.secret or query_secret is "
                                        "another one than Mindee's"
                                      : "nothing"));
}

static void tell_days(struct webhook_receiver *w)
{
    int days = days_left(w);
    if (days >= WARN_DAYS || days == w->told_days)
        return;
    w->told_days = days;
    LOG(LOG_WARNING, "webhook.certificate", LOG_STR("path", w->certificate.cert_path),
        LOG_INT("days", days), LOG_STR("what", days < 0 ? "it has expired" : NULL),
        LOG_STR("next", "renew it; the new one is read by itself"));
}

static void tick(void *ctx)
{
    struct webhook_receiver *w = ctx;
    struct mono now = loop_now(w->loop);
    LIST_EACH_SAFE (node, &w->held) {
        struct webhook_delivery *d = LIST_ENTRY(node, struct webhook_delivery, node);
        if (!mono_reached(now, d->due))
            break;
        time_out(w, d);
    }
    if (mono_reached(now, w->next_look)) {
        w->next_look = mono_add(now, w->look_every_ms);
        tell_refusals(w);
        webhook_secrets_look(&w->secrets);
        if (w->certificate.cert_path != NULL && webhook_certificate_changed(&w->certificate))
            (void)read_certificate_again(w);
        tell_days(w);
    }
    set_timer(w);
}

/* ---- start ---- */

static void wipe_text(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

static void receiver_free(struct webhook_receiver *w)
{
    webhook_secrets_release(&w->secrets);
    wipe_text(w->query_secret);
    free(w->path);
    free(w->certificate.cert_path);
    free(w->certificate.key_path);
    free(w);
}

static int copy_options(struct webhook_receiver *w, const struct webhook_receiver_options *o,
                        struct error *e)
{
    w->path = xstrdup(o->path != NULL ? o->path : "/webhook");
    w->query_secret = o->query_secret != NULL ? xstrdup(o->query_secret) : NULL;
    w->hold_timeout_ms = o->hold_timeout_ms != 0 ? o->hold_timeout_ms : MINUTE_MS;
    w->look_every_ms = o->look_every_ms != 0 ? o->look_every_ms : MINUTE_MS;
    w->delivered = o->delivered;
    w->ctx = o->ctx;
    if (w->path[0] != '/' || strcmp(w->path, "/healthz") == 0)
        return error_set(e, ERR_USAGE, "webhook.path: must begin with / and not be /healthz");
    if (w->query_secret != NULL && *w->query_secret == '\0')
        return error_set(e, ERR_USAGE, "webhook.query_secret: it is empty");
    if ((o->tls_cert == NULL) != (o->tls_key == NULL))
        return error_set(e, ERR_USAGE, "%s is set, but not %s: give both, or neither",
                         o->tls_cert != NULL ? "webhook.tls_cert" : "webhook.tls_key",
                         o->tls_cert != NULL ? "webhook.tls_key" : "webhook.tls_cert");
    if (o->tls_cert != NULL) {
        w->certificate.section = "webhook";
        w->certificate.cert_path = xstrdup(o->tls_cert);
        w->certificate.key_path = xstrdup(o->tls_key);
    }
    return webhook_secrets_init(&w->secrets, o->secrets, o->secret, o->secret_file, e);
}

static int start_server(struct webhook_receiver *w, const struct webhook_receiver_options *o,
                        struct error *e)
{
    int64_t request_timeout_ms = o->request_timeout_ms != 0 ? o->request_timeout_ms : 30000;
    struct webhook_address address;
    struct buffer cert = {0}, key = {0};
    int rc = webhook_address_parse(&address, "webhook.listen", o->listen, e);
    if (rc == 0 && o->tls_cert == NULL && !address.loopback)
        rc = error_set(e, ERR_USAGE,
                       "webhook.listen = %s would take webhooks in clear from everywhere: give "
                       "webhook.tls_cert and webhook.tls_key, or listen on 127.0.0.1:%u behind a "
                       "proxy that has a certificate",
                       text_show(o->listen), address.port);
    if (rc == 0 && o->tls_cert != NULL)
        rc = webhook_certificate_read(&w->certificate, clock_wall(loop_clock(w->loop)), &cert, &key,
                                      &w->certificate.life, e);
    if (rc == 0) {
        struct http_server_options server = {
            .host = address.host,
            .port = address.port,
            .tls_cert_pem = o->tls_cert != NULL ? buffer_text(&cert) : NULL,
            .tls_key_pem = o->tls_cert != NULL ? buffer_text(&key) : NULL,
            .max_connections = o->max_connections != 0 ? o->max_connections : 500,
            .max_body_bytes = o->max_body_bytes != 0 ? o->max_body_bytes : 64000000,
            .max_memory_bytes = o->max_memory_bytes != 0 ? o->max_memory_bytes : 256000000,
            .silent_timeout_ms = request_timeout_ms < SILENT_MS ? request_timeout_ms : SILENT_MS,
            .idle_timeout_ms = request_timeout_ms,
            .request_timeout_ms = request_timeout_ms,
            .begin = begin,
            .handle = handle,
            .ctx = w,
        };
        rc = http_server_new(&w->server, w->loop, &server, e);
        if (rc < 0)
            error_wrap(e, "webhook.listen = %s", text_show(o->listen));
    }
    webhook_certificate_wipe(&cert, &key);
    return rc;
}

int webhook_receiver_new(struct webhook_receiver **out, struct loop *loop,
                         const struct webhook_receiver_options *options, struct error *e)
{
    REQUIRE(options->listen != NULL && options->delivered != NULL);
    struct webhook_receiver *w = xcalloc(1, sizeof *w);
    w->loop = loop;
    w->told_days = INT_MAX;
    list_init(&w->held);
    list_init(&w->overdue);
    int rc = copy_options(w, options, e);
    if (rc == 0)
        rc = start_server(w, options, e);
    if (rc < 0) {
        receiver_free(w);
        return rc;
    }
    w->port = http_server_port(w->server);
    w->timer = loop_timer_new(loop, tick, w);
    w->next_look = mono_add(loop_now(loop), w->look_every_ms);
    set_timer(w);
    tell_days(w);
    *out = w;
    return 0;
}

/* ---- end ---- */

static void server_closed(void *ctx)
{
    struct webhook_receiver *w = ctx;
    void (*closed)(void *) = w->closed;
    void *closed_ctx = w->closed_ctx;
    receiver_free(w);
    if (closed != NULL)
        closed(closed_ctx);
}

void webhook_receiver_close(struct webhook_receiver *w, int64_t grace_ms, void (*closed)(void *ctx),
                            void *ctx)
{
    REQUIRE(!w->closing);
    w->closing = true;
    w->closed = closed;
    w->closed_ctx = ctx;
    LIST_EACH_SAFE (node, &w->held) {
        webhook_delivery_reply(LIST_ENTRY(node, struct webhook_delivery, node), 503);
    }
    LIST_EACH_SAFE (node, &w->overdue) {
        delivery_free(LIST_ENTRY(node, struct webhook_delivery, node));
    }
    tell_refusals(w);
    loop_timer_close(w->timer);
    http_server_close(w->server, grace_ms, server_closed, w);
}

/* ---- what it knows ---- */

uint16_t webhook_receiver_port(const struct webhook_receiver *w)
{
    return w->port;
}

int webhook_receiver_certificate_days(const struct webhook_receiver *w)
{
    return days_left(w);
}

const char *webhook_receiver_certificate(const struct webhook_receiver *w, struct wall *ends)
{
    *ends = w->certificate.life.not_after;
    return w->certificate.cert_path;
}

void webhook_receiver_counts(const struct webhook_receiver *w, struct webhook_receiver_counts *out)
{
    struct http_server_counts server;
    http_server_counts(w->server, &server);
    *out = w->counts;
    out->too_large = server.too_large;
    out->busy += server.busy;
    out->overdue = server.overdue;
    out->tls_failed = server.tls_failed;
}
