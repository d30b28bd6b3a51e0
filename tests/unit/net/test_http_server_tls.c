/* The HTTP server's certificate: changed while connections are open, refused where it can't be
 * used; and the memory of all bodies. */
#include "net/http_server.h"

#include "lib/wire.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char one[WIRE_PEM_MAX], one_key[WIRE_PEM_MAX], two[WIRE_PEM_MAX], two_key[WIRE_PEM_MAX];

struct fixture {
    struct loop *loop;
    struct http_server *server;
    void (*client)(uint16_t port);
    struct http_server_counts counts;
    struct http_request *held;
    uint16_t port;
};

static void reply_text(struct http_request *r, const char *text)
{
    struct buffer body;
    buffer_init(&body, 0);
    buffer_put(&body, text);
    http_request_reply(r, &(struct http_reply){.status = 200, .body = &body});
}

static void handle(void *ctx, struct http_request *r)
{
    struct fixture *f = ctx;
    const char *path = http_request_path(r);
    struct error e = {0};
    if (strcmp(path, "/two") == 0)
        CHECK(http_server_set_certificate(f->server, two, two_key, &e) == 0);
    else if (strcmp(path, "/one") == 0)
        CHECK(http_server_set_certificate(f->server, one, one_key, &e) == 0);
    else if (strcmp(path, "/mixed") == 0)
        CHECK(http_server_set_certificate(f->server, one, two_key, &e) == ERR_USAGE);
    else if (strcmp(path, "/hold") == 0) {
        f->held = r;
        return;
    } else if (strcmp(path, "/release") == 0)
        reply_text(f->held, "released");
    else if (strcmp(path, "/held") == 0 && f->held == NULL)
        error_set(&e, ERR_BUSY, "not yet");
    reply_text(r, e.text);
}

static void run_client(void *ctx)
{
    struct fixture *f = ctx;
    f->client(f->port);
}

static void client_ended(void *ctx)
{
    struct fixture *f = ctx;
    http_server_counts(f->server, &f->counts);
    http_server_close(f->server, 60000, NULL, NULL);
}

static void run(struct fixture *f, const struct http_server_options *given,
                void (*client)(uint16_t port))
{
    struct http_server_options o = *given;
    struct error e = {0};
    f->loop = loop_new(&system_clock);
    f->client = client;
    o.handle = handle;
    o.ctx = f;
    int rc = http_server_new(&f->server, f->loop, &o, &e);
    if (rc != 0)
        fail_msg("%s", e.text);
    f->port = http_server_port(f->server);
    loop_work(f->loop, run_client, client_ended, f);
    loop_run(f->loop);
    loop_free(f->loop);
}

static void ask(struct wire *w, const char *path, const char *answer)
{
    char request[128], body[600];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    wire_say_text(w, request);
    CHECK(wire_hear(w, NULL, 0, body, sizeof body) == 200);
    if (strcmp(body, answer) != 0)
        fprintf(stderr, "answer: %s\n", body);
    CHECK(strcmp(body, answer) == 0);
}

static void change_it(uint16_t port)
{
    struct wire first, second, third, later;
    wire_open_tls(&first, port);
    CHECK(strcmp(first.subject, "one") == 0);
    ask(&first, "/", "");
    wire_open_tls(&second, port);
    ask(&second, "/two", "");
    ask(&first, "/", ""); /* goes on under the one it began with */
    wire_open_tls(&third, port);
    CHECK(strcmp(third.subject, "two") == 0);
    ask(&third, "/mixed", "the key is not the certificate's");
    wire_close(&second);
    wire_open_tls(&later, port);
    CHECK(strcmp(later.subject, "two") == 0); /* the failed change changed nothing */
    ask(&later, "/one", "");
    ask(&third, "/", "");
    wire_close(&first);
    wire_close(&third);
    ask(&later, "/two", "");
    for (int i = 0; i < 20; i++) {
        ask(&later, i % 2 ? "/two" : "/one", "");
        wire_open_tls(&first, port);
        CHECK(strcmp(first.subject, i % 2 ? "two" : "one") == 0);
        ask(&first, "/", "");
        wire_close(&first);
    }
    wire_close(&later);
}

static void test_change(void **state)
{
    (void)state;
    struct fixture f = {0};
    run(&f,
        &(struct http_server_options){
            .max_body_bytes = 1000, .tls_cert_pem = one, .tls_key_pem = one_key},
        change_it);
    assert_int_equal(f.counts.tls_failed, 0);
}

/* Two that don't speak TLS, and one that says nothing: the server lives on, and counts them. */
static void speak_in_clear(uint16_t port)
{
    struct wire w;
    for (int i = 0; i < 3; i++) {
        wire_open(&w, port);
        if (i < 2) {
            wire_say_text(&w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            while (wire_status(&w) != 0)
                ;
        }
        wire_close(&w);
    }
    wire_open_tls(&w, port);
    ask(&w, "/", "");
    wire_close(&w);
}

static void test_no_handshake(void **state)
{
    (void)state;
    struct fixture f = {0};
    run(&f,
        &(struct http_server_options){
            .max_body_bytes = 1000, .tls_cert_pem = one, .tls_key_pem = one_key},
        speak_in_clear);
    assert_in_range(f.counts.tls_failed, 2, 3); /* the third may still be open */
}

static void test_look(void **state)
{
    (void)state;
    struct http_certificate c;
    struct error e = {0};
    char both[2 * WIRE_PEM_MAX];
    int64_t now = clock_wall(&system_clock).ms;
    assert_int_equal(http_certificate_look(&c, one, one_key, &e), 0);
    assert_in_range(c.not_after.ms, now + 86400000 - 600000, now + 86400000);
    assert_in_range(c.not_before.ms, now - 3600000 - 600000, now - 3600000);
    snprintf(both, sizeof both, "%s%s", one_key, one); /* one file for both */
    assert_int_equal(http_certificate_look(&c, both, both, &e), 0);
    assert_int_equal(http_certificate_look(&c, one, two_key, &e), ERR_USAGE);
    assert_string_equal(e.text, "the key is not the certificate's");
    assert_int_equal(http_certificate_look(&c, "", one_key, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "the certificate can't be read as PEM: "));
    assert_int_equal(http_certificate_look(&c, one_key, one_key, &e), ERR_USAGE);
    assert_int_equal(http_certificate_look(&c, one, one, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "the key can't be read as a PEM private key: "));
    snprintf(both, sizeof both, "%.*s", (int)strlen(one) - 100, one); /* cut off */
    assert_int_equal(http_certificate_look(&c, both, one_key, &e), ERR_USAGE);
}

static void say_post(struct wire *w, const char *path, size_t announced, size_t sent)
{
    char head[128], *body = calloc(1, sent);
    memset(body, 'x', sent);
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", path,
             announced);
    wire_say_text(w, head);
    wire_say(w, body, sent);
    free(body);
}

static void fill_memory(uint16_t port)
{
    struct wire holder, w;
    wire_open(&holder, port);
    say_post(&holder, "/hold", 600, 600);
    wire_open(&w, port);
    char held[16] = "not yet";
    while (*held) {
        wire_say_text(&w, "GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
        CHECK(wire_hear(&w, NULL, 0, held, sizeof held) == 200);
    }
    say_post(&w, "/", 400, 400); /* just fits */
    CHECK(wire_status(&w) == 200);
    say_post(&w, "/", 401, 0);
    CHECK(wire_status(&w) == 503);
    wire_close(&w);
    wire_open(&w, port); /* in chunks: found out while it comes */
    wire_say_text(&w, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 5; i++)
        wire_say_text(&w, "64\r\n"
                          "0123456789012345678901234567890123456789"
                          "0123456789012345678901234567890123456789"
                          "01234567890123456789\r\n");
    wire_say_text(&w, "0\r\n\r\n");
    CHECK(wire_status(&w) == 503);
    wire_close(&w);
    wire_open(&w, port);
    ask(&w, "/release", "");
    CHECK(wire_status(&holder) == 200);
    wire_close(&holder);
    say_post(&w, "/", 900, 900); /* all of it is free again */
    CHECK(wire_status(&w) == 200);
    wire_close(&w);
}

static void test_memory(void **state)
{
    (void)state;
    struct fixture f = {0};
    run(&f, &(struct http_server_options){.max_body_bytes = 2000, .max_memory_bytes = 1000},
        fill_memory);
    assert_int_equal(f.counts.busy, 2);
    assert_int_equal(f.counts.too_large, 0);
}

static int make_certificates(void **state)
{
    (void)state;
    wire_certificate("one", -3600, 86400, one, one_key);
    wire_certificate("two", -3600, 86400, two, two_key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_no_handshake),
        cmocka_unit_test(test_look),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, make_certificates, NULL);
}
