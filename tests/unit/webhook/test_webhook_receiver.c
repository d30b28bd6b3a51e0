/* The webhook receiver against a client of plain sockets on a thread of its own: who is let in,
 * what is answered when, the certificate's files, and what is said where it can't start. */
#include "webhook/webhook_address.h"
#include "webhook/webhook_receiver.h"

#include "base/digest.h"
#include "base/log.h"
#include "lib/wire.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET "whsec_1"

static char directory[64], cert_path[96], key_path[96], log_path[96];

/* ---- the application: a delivery's body says what becomes of it ---- */

struct fixture {
    struct loop *loop;
    struct webhook_receiver *receiver;
    struct loop_timer *timer;
    void (*client)(struct fixture *f);
    struct webhook_receiver_counts counts;
    struct webhook_delivery *later[16], *never[16];
    const char *never_body[16];
    int later_count, never_count, closed;
    char last[64]; /* the last delivery's body */
    bool close_when_held;
    int64_t grace_ms;
    uint16_t port;
};

static void closed(void *ctx)
{
    struct fixture *f = ctx;
    f->closed++;
}

static void close_it(struct fixture *f)
{
    if (f->receiver == NULL)
        return;
    webhook_receiver_counts(f->receiver, &f->counts);
    webhook_receiver_close(f->receiver, f->grace_ms, closed, f);
    f->receiver = NULL;
}

static void reply_later(void *ctx)
{
    struct fixture *f = ctx;
    for (int i = 0; i < f->later_count; i++)
        webhook_delivery_reply(f->later[i], 200);
    f->later_count = 0;
}

static void delivered(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    struct fixture *f = ctx;
    CHECK(body[len] == 0);
    snprintf(f->last, sizeof f->last, "%s", body);
    if (strcmp(body, "later") == 0) {
        f->later[f->later_count++] = d;
        loop_timer_set(f->timer, loop_now(f->loop));
    } else if (strcmp(body, "never") == 0) {
        f->never_body[f->never_count] = body;
        f->never[f->never_count++] = d;
        if (f->close_when_held)
            close_it(f);
    } else if (strcmp(body, "reload") == 0) {
        webhook_delivery_reply(d, webhook_receiver_reload(f->receiver) ? 200 : 500);
    } else {
        webhook_delivery_reply(d, strcmp(body, "refuse") == 0 ? 503 : 200);
    }
}

static void run_client(void *ctx)
{
    struct fixture *f = ctx;
    f->client(f);
}

static void client_ended(void *ctx)
{
    struct fixture *f = ctx;
    /* The replies still owed to what timed out; those of a closed receiver are dead. */
    for (int i = 0; f->receiver != NULL && i < f->never_count; i++) {
        CHECK(strcmp(f->never_body[i], "never") == 0);
        webhook_delivery_reply(f->never[i], 200);
    }
    close_it(f);
    loop_timer_close(f->timer);
}

static const char *const one_secret[] = {SECRET, NULL};

static void run(struct fixture *f, struct webhook_receiver_options options,
                void (*client)(struct fixture *f))
{
    struct error e = {0};
    f->loop = loop_new(&system_clock);
    f->client = client;
    f->timer = loop_timer_new(f->loop, reply_later, f);
    options.delivered = delivered;
    options.ctx = f;
    if (options.listen == NULL)
        options.listen = "127.0.0.1:0";
    if (options.secrets == NULL)
        options.secrets = one_secret;
    int rc = webhook_receiver_new(&f->receiver, f->loop, &options, &e);
    if (rc != 0)
        fail_msg("%s", e.text);
    f->port = webhook_receiver_port(f->receiver);
    loop_work(f->loop, run_client, client_ended, f);
    loop_run(f->loop);
    loop_free(f->loop);
    assert_int_equal(f->closed, 1);
}

/* ---- the client ---- */

static void sign(const char *secret, const char *body, char hex[SHA256_HEX])
{
    uint8_t mac[SHA256_BYTES];
    hmac_sha256(secret, strlen(secret), body, strlen(body), mac);
    hex_encode(mac, sizeof mac, hex);
}

static void post(struct wire *w, const char *target, const char *secret, const char *body)
{
    char hex[SHA256_HEX], head[512];
    sign(secret, body, hex);
    snprintf(head, sizeof head,
             "POST %s HTTP/1.1\r\nHost: x\r\nx-signature: %s\r\nContent-Length: %zu\r\n\r\n%s",
             target, hex, strlen(body), body);
    wire_say_text(w, head);
}

static int deliver(struct fixture *f, const char *target, const char *secret, const char *body)
{
    struct wire w;
    wire_open(&w, f->port);
    post(&w, target, secret, body);
    int status = wire_status(&w);
    wire_close(&w);
    return status;
}

/* Sends TEXT on a connection of its own: the status, and the header in HEAD. */
static int ask(struct fixture *f, const char *text, char head[600])
{
    struct wire w;
    wire_open(&w, f->port);
    wire_say_text(&w, text);
    int status = wire_hear(&w, head, 600, NULL, 0);
    wire_close(&w);
    return status;
}

/* ---- tests ---- */

static void good_ones(struct fixture *f)
{
    struct wire w;
    wire_open(&w, f->port); /* one connection for several, as a proxy does it */
    post(&w, "/webhook", SECRET, "now");
    CHECK(wire_status(&w) == 200);
    post(&w, "/webhook?anything=1", SECRET, "later");
    CHECK(wire_status(&w) == 200);
    post(&w, "/webhook", SECRET, "refuse");
    CHECK(wire_status(&w) == 503);
    post(&w, "/webhook", SECRET, "");
    CHECK(wire_status(&w) == 200);
    wire_close(&w);
    char chunked[512], hex[SHA256_HEX], head[600];
    sign(SECRET, "abcde\r\n", hex);
    snprintf(chunked, sizeof chunked,
             "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Signature: %s\r\n"
             "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\nde\r\n\r\n0\r\n\r\n",
             hex);
    CHECK(ask(f, chunked, head) == 200);
}

static void test_good(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    run(&f, (struct webhook_receiver_options){0}, good_ones);
    assert_string_equal(f.last, "abcde\r\n"); /* raw, line ends and all */
    assert_int_equal(f.counts.delivered, 5);
    assert_int_equal(f.counts.accepted, 4);
    assert_int_equal(f.counts.refused_signature, 0);
    assert_int_equal(f.counts.held, 0);
}

static void bad_signatures(struct fixture *f)
{
    char head[600], hex[SHA256_HEX], text[512];
    CHECK(deliver(f, "/webhook", "whsec_2", "body") == 401);
    CHECK(ask(f, "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", head) == 401);
    CHECK(strstr(head, "WWW-Authenticate") == NULL);
    /* Refused by its header: nobody waits for the body that was announced. */
    CHECK(ask(f, "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n", head) ==
          401);
    sign(SECRET, "body", hex);
    static const char *const wrong[] = {"%.63s", "%s0", "sha256=%s", "%.62szz", "\"%s\""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char signature[100];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(signature, sizeof signature, wrong[i], hex);
#pragma GCC diagnostic pop
        snprintf(text, sizeof text,
                 "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Signature: %s\r\nContent-Length: 4\r\n\r\n"
                 "body",
                 signature);
        CHECK(ask(f, text, head) == 401);
    }
    snprintf(text, sizeof text,
             "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Signature: %s\r\nContent-Length: 4\r\n\r\n"
             "bodY",
             hex);
    CHECK(ask(f, text, head) == 401);
}

static void test_bad_signatures(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    run(&f, (struct webhook_receiver_options){0}, bad_signatures);
    assert_int_equal(f.counts.refused_signature, 9);
    assert_int_equal(f.counts.delivered, 0);
}

static void several(struct fixture *f)
{
    CHECK(deliver(f, "/hooks/mindee", "new", "a") == 200);
    CHECK(deliver(f, "/hooks/mindee", "old", "b") == 200);
    CHECK(deliver(f, "/hooks/mindee", "other", "c") == 401);
    CHECK(deliver(f, "/webhook", "new", "c") == 404);
}

static void test_several_secrets(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    static const char *const secrets[] = {"new", "old", NULL};
    run(&f, (struct webhook_receiver_options){.secrets = secrets, .path = "/hooks/mindee"},
        several);
    assert_int_equal(f.counts.delivered, 2);
    assert_int_equal(f.counts.refused_signature, 1);
    assert_int_equal(f.counts.refused_path, 1);
}

static void query(struct fixture *f)
{
    CHECK(deliver(f, "/webhook?secret=a%2Bb", SECRET, "a") == 200);
    CHECK(deliver(f, "/webhook?x=1&secret=a%2bb&secret=z", SECRET, "a") == 200);
    CHECK(deliver(f, "/webhook", SECRET, "a") == 401);
    CHECK(deliver(f, "/webhook?secret=", SECRET, "a") == 401);
    CHECK(deliver(f, "/webhook?secret", SECRET, "a") == 401);
    CHECK(deliver(f, "/webhook?secret=a%2Bc", SECRET, "a") == 401);
    CHECK(deliver(f, "/webhook?secret=a%2Bb%00", SECRET, "a") != 503);
    CHECK(deliver(f, "/webhook?secret=a%2Bb", "other", "a") == 401); /* never instead */
}

static void test_query_secret(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    run(&f, (struct webhook_receiver_options){.query_secret = "a+b"}, query);
    assert_int_equal(f.counts.refused_signature + f.counts.delivered, 8);
}

static void elsewhere(struct fixture *f)
{
    char head[600];
    CHECK(ask(f, "GET /webhook HTTP/1.1\r\nHost: x\r\n\r\n", head) == 405);
    CHECK(strstr(head, "Allow: POST\r\n") != NULL);
    CHECK(ask(f, "PUT /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", head) == 405);
    CHECK(ask(f, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", head) == 404);
    CHECK(ask(f, "GET /webhook/ HTTP/1.1\r\nHost: x\r\n\r\n", head) == 404);
    CHECK(ask(f, "GET /webhook/../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", head) == 404);
    CHECK(ask(f, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", head) == 200);
    CHECK(ask(f, "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", head) == 405);
    CHECK(strstr(head, "Allow: GET, HEAD\r\n") != NULL);
    CHECK(ask(f, "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", head) == 200);
    CHECK(ask(f, "junk\r\n\r\n", head) != 200);
    struct wire w; /* who looks again and again does so on one connection */
    char body[8];
    wire_open(&w, f->port);
    for (int i = 0; i < 3; i++) {
        wire_say_text(&w, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        CHECK(wire_hear(&w, NULL, 0, body, sizeof body) == 200 && strcmp(body, "ok\n") == 0);
    }
    wire_close(&w);
}

static void test_elsewhere(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    run(&f, (struct webhook_receiver_options){0}, elsewhere);
    assert_int_equal(f.counts.refused_path, 3);
    assert_int_equal(f.counts.refused_method, 3);
    assert_int_equal(f.counts.delivered, 0);
    assert_int_equal(f.counts.refused_signature, 0);
}

static void too_much(struct fixture *f)
{
    char body[200] = "";
    memset(body, 'x', sizeof body - 1);
    CHECK(deliver(f, "/webhook", SECRET, body) == 413);
    body[100] = 0;
    CHECK(deliver(f, "/webhook", SECRET, body) == 200);
}

static void test_too_large(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    run(&f, (struct webhook_receiver_options){.max_body_bytes = 100}, too_much);
    assert_int_equal(f.counts.too_large, 1);
    assert_int_equal(f.counts.delivered, 1);
}

static void slow(struct fixture *f)
{
    char hex[SHA256_HEX], text[300];
    struct wire w;
    sign(SECRET, "now", hex);
    snprintf(text, sizeof text,
             "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Signature: %s\r\nContent-Length: 3\r\n\r\nno",
             hex);
    wire_open(&w, f->port);
    wire_say_text(&w, text); /* and never the last byte */
    CHECK(wire_status(&w) == 0);
    wire_close(&w);
    CHECK(deliver(f, "/webhook", SECRET, "now") == 200);
}

static void test_slow_clients_are_cut(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    run(&f, (struct webhook_receiver_options){.request_timeout_ms = 100}, slow);
    assert_int_equal(f.counts.overdue, 1);
}

static void unanswered(struct fixture *f)
{
    CHECK(deliver(f, "/webhook", SECRET, "never") == 503);
    CHECK(deliver(f, "/webhook", SECRET, "never") == 503);
    CHECK(deliver(f, "/webhook", SECRET, "now") == 200);
}

static void test_held_for_too_long(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    run(&f, (struct webhook_receiver_options){.hold_timeout_ms = 30}, unanswered);
    assert_int_equal(f.never_count, 2); /* their bodies were still there: see client_ended */
    assert_int_equal(f.counts.timed_out, 2);
    assert_int_equal(f.counts.delivered, 3);
    assert_int_equal(f.counts.accepted, 1);
}

static void wait_for_the_end(struct fixture *f)
{
    CHECK(deliver(f, "/webhook", SECRET, "never") == 503);
}

static void test_closed_while_held(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000, .close_when_held = true};
    run(&f, (struct webhook_receiver_options){0}, wait_for_the_end);
    assert_int_equal(f.never_count, 1);
    assert_int_equal(f.counts.held, 1);
}

/* ---- the certificate ---- */

static void write_file(const char *path, const char *text)
{
    char next[112];
    snprintf(next, sizeof next, "%s.next", path);
    FILE *out = fopen(next, "w");
    CHECK(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0);
    CHECK(rename(next, path) == 0);
}

static void write_pair(const char *name, long from_s, long to_s)
{
    char cert[WIRE_PEM_MAX], key[WIRE_PEM_MAX];
    wire_certificate(name, from_s, to_s, cert, key);
    write_file(cert_path, cert);
    write_file(key_path, key);
}

static int deliver_tls(struct fixture *f, const char *body, const char *name)
{
    struct wire w;
    wire_open_tls(&w, f->port);
    CHECK(strcmp(w.subject, name) == 0);
    post(&w, "/webhook", SECRET, body);
    int status = wire_status(&w);
    wire_close(&w);
    return status;
}

static void renew(struct fixture *f)
{
    CHECK(deliver_tls(f, "later", "first") == 200);
    write_pair("second", -60, 86400 * 9 + 60);
    CHECK(deliver_tls(f, "reload", "first") == 200);
    CHECK(deliver_tls(f, "now", "second") == 200);
    write_pair("expired", -7200, -3600);
    CHECK(deliver_tls(f, "reload", "second") == 500); /* a worse one isn't taken */
    CHECK(unlink(key_path) == 0);
    CHECK(deliver_tls(f, "reload", "second") == 500);
    CHECK(deliver_tls(f, "now", "second") == 200);
    CHECK(webhook_receiver_certificate_days(f->receiver) == 9);
}

static void test_renewed_certificate(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    struct error e;
    char log[4096] = "";
    assert_int_equal(log_open(&(struct log_options){.level = LOG_INFO, .file = log_path}, &e), 0);
    write_pair("first", -60, 86400 * 40);
    run(&f, (struct webhook_receiver_options){.tls_cert = cert_path, .tls_key = key_path}, renew);
    log_close();
    FILE *in = fopen(log_path, "r");
    assert_non_null(in);
    assert_true(fread(log, 1, sizeof log - 1, in) > 0);
    fclose(in);
    assert_non_null(strstr(log, "cert.pem: the webhooks' certificate (days left "));
    assert_non_null(strstr(log, "the certificate expired on "));
    assert_non_null(strstr(log, "key.pem: open: No such file or directory"));
    assert_non_null(strstr(log, "the old one stays"));
    assert_null(strstr(log, SECRET));
    assert_int_equal(f.counts.delivered, 6);
}

/* No one says that the files changed: they are looked at. First one of the pair alone. */
static void replace_files(struct fixture *f)
{
    struct wire w;
    char cert[WIRE_PEM_MAX], key[WIRE_PEM_MAX];
    CHECK(deliver_tls(f, "now", "first") == 200);
    wire_certificate("second", -60, 3600, cert, key);
    write_file(cert_path, cert);
    for (int i = 0; i < 20; i++)
        CHECK(deliver_tls(f, "now", "first") == 200);
    write_file(key_path, key);
    do {
        wire_open_tls(&w, f->port);
        wire_close(&w);
    } while (strcmp(w.subject, "first") == 0);
    CHECK(deliver_tls(f, "now", "second") == 200);
}

static void test_files_are_looked_at(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    write_pair("first", -60, 3600);
    run(&f,
        (struct webhook_receiver_options){
            .tls_cert = cert_path, .tls_key = key_path, .look_every_ms = 2},
        replace_files);
    assert_int_equal(f.counts.delivered, 22);
}

/* ---- where it can't start ---- */

static void never_called(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    (void)ctx;
    (void)d;
    (void)body;
    (void)len;
    abort();
}

static void assert_refused(struct webhook_receiver_options o, int code, const char *words)
{
    struct error e = {0};
    struct loop *loop = loop_new(&system_clock);
    struct webhook_receiver *w = NULL;
    o.delivered = never_called;
    if (o.listen == NULL)
        o.listen = "127.0.0.1:0";
    if (o.secrets == NULL)
        o.secrets = one_secret;
    assert_int_equal(webhook_receiver_new(&w, loop, &o, &e), code);
    if (strstr(e.text, words) == NULL)
        fail_msg("'%s' isn't in '%s'", words, e.text);
    loop_run(loop);
    loop_free(loop);
}

static void test_what_is_said(void **state)
{
    (void)state;
    static const char *const none[] = {NULL}, *const empty[] = {"a", "", NULL};
    assert_refused((struct webhook_receiver_options){.secrets = none}, ERR_USAGE,
                   "webhook.listen needs the webhook's signing secret");
    assert_refused((struct webhook_receiver_options){.secrets = empty}, ERR_USAGE,
                   "webhook.secret: a secret is empty");
    assert_refused((struct webhook_receiver_options){.query_secret = ""}, ERR_USAGE,
                   "webhook.query_secret: it is empty");
    assert_refused((struct webhook_receiver_options){.path = "webhook"}, ERR_USAGE,
                   "webhook.path: must begin with /");
    assert_refused((struct webhook_receiver_options){.path = "/healthz"}, ERR_USAGE,
                   "webhook.path: ");
    assert_refused((struct webhook_receiver_options){.tls_cert = cert_path}, ERR_USAGE,
                   "webhook.tls_cert is set, but not webhook.tls_key");
    assert_refused((struct webhook_receiver_options){.listen = "0.0.0.0:8080"}, ERR_USAGE,
                   "give webhook.tls_cert and webhook.tls_key, or listen on 127.0.0.1:8080");
    assert_refused((struct webhook_receiver_options){.listen = "8080"}, ERR_USAGE,
                   "would take webhooks in clear");
    assert_refused((struct webhook_receiver_options){.listen = "[::]:8080"}, ERR_USAGE,
                   "would take webhooks in clear");
    assert_refused((struct webhook_receiver_options){.listen = "nothing"}, ERR_USAGE,
                   "webhook.listen: \"nothing\" isn't host:port");
}

static void test_certificates_that_cant_be_used(void **state)
{
    (void)state;
    char key[WIRE_PEM_MAX], cert[WIRE_PEM_MAX];
    struct webhook_receiver_options o = {.tls_cert = cert_path, .tls_key = key_path};
    unlink(cert_path);
    unlink(key_path);
    assert_refused(o, ERR_USAGE, "cert.pem: open: No such file or directory");
    write_pair("a", -60, 3600);
    unlink(key_path);
    assert_refused(o, ERR_USAGE, "webhook.tls_key ");
    wire_certificate("b", -60, 3600, cert, key);
    write_file(key_path, key);
    assert_refused(o, ERR_USAGE, "the key is not the certificate's");
    write_pair("c", -7200, -3600);
    assert_refused(o, ERR_USAGE, "the certificate expired on 2");
    write_pair("d", 3600, 7200);
    assert_refused(o, ERR_USAGE, "the certificate is valid only from 2");
    write_file(cert_path, "not a certificate");
    assert_refused(o, ERR_USAGE, "the certificate can't be read as PEM");
    o.tls_key = directory;
    assert_refused(o, ERR_USAGE, "it isn't a file");
}

static void take_the_port_again(struct fixture *f)
{
    char listen[32];
    struct error e = {0};
    struct loop *loop = loop_new(&system_clock);
    struct webhook_receiver *w = NULL;
    snprintf(listen, sizeof listen, "localhost:%u", f->port);
    struct webhook_receiver_options o = {
        .listen = listen, .secrets = one_secret, .delivered = never_called};
    o.listen = listen + strlen("localhost"); /* as ":port", with a certificate */
    o.tls_cert = cert_path;
    o.tls_key = key_path;
    CHECK(webhook_receiver_new(&w, loop, &o, &e) == ERR_NETWORK);
    CHECK(strstr(e.text, "webhook.listen = :") == e.text);
    CHECK(strstr(e.text, "Address already in use") != NULL);
    loop_run(loop);
    loop_free(loop);
}

static void test_busy_port(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    write_pair("a", -60, 3600);
    run(&f, (struct webhook_receiver_options){0}, take_the_port_again);
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *listen, *host;
        uint16_t port;
        bool loopback;
    } rows[] = {
        {"127.0.0.1:80", "127.0.0.1", 80, true},
        {"127.9.9.9:0", "127.9.9.9", 0, true},
        {"[::1]:65535", "::1", 65535, true},
        {"[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1, true},
        {"localhost:8443", "localhost", 8443, true},
        {"0.0.0.0:8443", "0.0.0.0", 8443, false},
        {"192.0.2.1:8443", "192.0.2.1", 8443, false},
        {"[2001:db8::1]:8443", "2001:db8::1", 8443, false},
    };
    static const char *const bad[] = {
        "",        ":",     "host",   "127.0.0.1", ":65536",  ":-1",    "127.0.0.1:1x", "::1:8080",
        "[]:8080", "[::1]", ":8080 ", "8080/",     ":080808", "a:b:80", "+80"};
    struct webhook_address a;
    struct error e;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(webhook_address_parse(&a, "webhook.listen", rows[i].listen, &e), 0);
        assert_string_equal(a.host, rows[i].host);
        assert_int_equal(a.port, rows[i].port);
        assert_int_equal(a.loopback, rows[i].loopback);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (webhook_address_parse(&a, "webhook.listen", bad[i], &e) != ERR_USAGE)
            fail_msg("'%s' was read", bad[i]);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(webhook_address_parse(&a, "webhook.listen", i ? "8443" : ":8443", &e), 0);
        assert_int_equal(a.port, 8443);
        assert_false(a.loopback);
    }
}

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_receiver.XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(cert_path, sizeof cert_path, "%s/cert.pem", directory);
    snprintf(key_path, sizeof key_path, "%s/key.pem", directory);
    snprintf(log_path, sizeof log_path, "%s/log", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(cert_path);
    unlink(key_path);
    unlink(log_path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad_signatures),
        cmocka_unit_test(test_several_secrets),
        cmocka_unit_test(test_query_secret),
        cmocka_unit_test(test_elsewhere),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_slow_clients_are_cut),
        cmocka_unit_test(test_held_for_too_long),
        cmocka_unit_test(test_closed_while_held),
        cmocka_unit_test(test_renewed_certificate),
        cmocka_unit_test(test_files_are_looked_at),
        cmocka_unit_test(test_what_is_said),
        cmocka_unit_test(test_certificates_that_cant_be_used),
        cmocka_unit_test(test_busy_port),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
