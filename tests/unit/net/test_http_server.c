/* The HTTP server against clients with plain blocking sockets, which run on the thread pool while
 * the loop runs here. */
#include "net/http_server.h"

#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the server under test: what it answers is in the path ---- */

struct fixture {
    struct loop *loop;
    struct http_server *server;
    struct http_server_options options;
    void (*client)(struct fixture *);
    uint16_t port;
    struct http_request *held[64];
    int held_count, release_at; /* answers all held ones when so many are there */
    int64_t grace_ms;
    int handled, begun;
    bool closed, client_done;
    bool close_when_held; /* instead of when the client is done */
    struct loop_timer *release_timer;
};

static void reply_text(struct http_request *r, int status, const char *text)
{
    struct buffer body;
    buffer_init(&body, 0);
    buffer_put(&body, text);
    struct http_header headers[] = {{"Content-Type", "text/plain"}, {"X-Test", "yes"}};
    http_request_reply(r,
                       &(struct http_reply){
                           .status = status, .headers = headers, .header_count = 2, .body = &body});
}

static void server_closed(void *ctx)
{
    struct fixture *f = ctx;
    f->closed = true;
}

static void close_server(struct fixture *f)
{
    if (f->server == NULL)
        return;
    http_server_close(f->server, f->grace_ms, server_closed, f);
    f->server = NULL;
}

static void release_held(void *ctx)
{
    struct fixture *f = ctx;
    for (int i = 0; i < f->held_count; i++)
        reply_text(f->held[i], 200, "held");
    f->held_count = 0;
}

static void hold(struct fixture *f, struct http_request *r)
{
    f->held[f->held_count++] = r;
    if (f->close_when_held)
        close_server(f);
    if (f->held_count == f->release_at)
        loop_timer_set(f->release_timer, loop_now(f->loop));
}

static void echo(struct http_request *r)
{
    struct buffer text;
    buffer_init(&text, 0);
    const char *argument = http_request_argument(r, "q"), *header = http_request_header(r, "x-ask");
    buffer_printf(&text, "%s %s q=%s x=%s body=", http_request_method(r), http_request_path(r),
                  argument != NULL ? argument : "-", header != NULL ? header : "-");
    buffer_put(&text, buffer_text(http_request_body(r)));
    reply_text(r, 201, buffer_text(&text));
    buffer_release(&text);
}

static void cut(struct http_request *r)
{
    struct buffer body;
    buffer_init(&body, 0);
    buffer_put(&body, "0123456789");
    http_request_reply(
        r, &(struct http_reply){.status = 200, .body = &body, .cut = true, .cut_after_bytes = 4});
}

static void handle(void *ctx, struct http_request *r)
{
    struct fixture *f = ctx;
    f->handled++;
    const char *path = http_request_path(r);
    if (strcmp(path, "/hold") == 0)
        hold(f, r);
    else if (strcmp(path, "/reset") == 0)
        http_request_drop(r, HTTP_DROP_RESET);
    else if (strcmp(path, "/drop") == 0)
        http_request_drop(r, HTTP_DROP_CLOSE);
    else if (strcmp(path, "/cut") == 0)
        cut(r);
    else if (strcmp(path, "/size") == 0) {
        char text[32];
        snprintf(text, sizeof text, "%zu", http_request_body(r)->len);
        reply_text(r, 200, text);
    } else
        echo(r);
}

static void begin(void *ctx, struct http_request *r)
{
    struct fixture *f = ctx;
    f->begun++;
    assert_int_equal(http_request_body(r)->len, 0);
    if (strcmp(http_request_path(r), "/early") == 0)
        reply_text(r, 401, "early");
    else if (strcmp(http_request_path(r), "/early-reset") == 0)
        http_request_drop(r, HTTP_DROP_RESET);
}

static void run_client(void *ctx)
{
    struct fixture *f = ctx;
    f->client(f);
}

static void client_ended(void *ctx)
{
    struct fixture *f = ctx;
    f->client_done = true;
    close_server(f);
    loop_timer_close(f->release_timer);
}

static void run(struct fixture *f, void (*client)(struct fixture *))
{
    struct error e;
    f->loop = loop_new(&system_clock);
    f->client = client;
    f->options.handle = handle;
    f->options.begin = begin;
    f->options.ctx = f;
    if (f->options.max_body_bytes == 0)
        f->options.max_body_bytes = 1000;
    assert_int_equal(http_server_new(&f->server, f->loop, &f->options, &e), 0);
    f->port = http_server_port(f->server);
    assert_true(f->port != 0);
    f->release_timer = loop_timer_new(f->loop, release_held, f);
    loop_work(f->loop, run_client, client_ended, f);
    loop_run(f->loop);
    assert_true(f->closed && f->client_done);
    loop_free(f->loop);
}

/* ---- a client ---- */

static int dial(const struct fixture *f)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(f->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {.tv_sec = 60};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    size_t len = strlen(text);
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n < 0)
            return; /* the server may have closed already: the test looks at the answer */
        text += n;
        len -= (size_t)n;
    }
}

/* Reads one answer by its Content-Length; its status, or 0 at the end of the connection, or -errno.
 * BODY gets the body; what of it came before an end is there too. */
static int hear(int fd, char *body, size_t max)
{
    char head[4096];
    size_t len = 0;
    body[0] = 0;
    while (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0) {
        ssize_t n = recv(fd, head + len, 1, 0);
        if (n <= 0)
            return n == 0 ? 0 : -errno;
        assert_true(++len < sizeof head);
    }
    head[len] = 0;
    const char *announced = strcasestr(head, "content-length: ");
    size_t want = announced != NULL ? strtoul(announced + 16, NULL, 10) : 0, got = 0;
    assert_true(want < max);
    while (got < want) {
        ssize_t n = recv(fd, body + got, want - got, 0);
        if (n <= 0) {
            body[got] = 0;
            return n == 0 ? 0 : -errno;
        }
        got += (size_t)n;
    }
    body[got] = 0;
    int status = 0;
    assert_int_equal(sscanf(head, "HTTP/1.1 %d", &status), 1);
    return status;
}

static char heard[8192];

static void expect(int fd, int status, const char *text)
{
    assert_int_equal(hear(fd, heard, sizeof heard), status);
    if (text != NULL)
        assert_string_equal(heard, text);
}

/* ---- tests ---- */

static void talk(struct fixture *f)
{
    int fd = dial(f);
    say(fd, "GET /a%20b?q=1%202&q=3 HTTP/1.1\r\nHost: x\r\nX-Ask: why\r\n\r\n");
    expect(fd, 201, "GET /a b q=1 2 x=why body=");
    say(fd, "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    expect(fd, 201, "POST /p q=- x=- body=hello");
    say(fd, "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    expect(fd, 201, "POST /p q=- x=- body=abcde");
    close(fd);
}

static void test_talk(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000};
    run(&f, talk);
    assert_int_equal(f.handled, 3);
    assert_int_equal(f.begun, 3);
}

/* Announced, and never begun. */
static void chunked_get(struct fixture *f)
{
    static const char *const ends[] = {"", "0\r\n\r\n"};
    for (int i = 0; i < 2; i++) {
        int fd = dial(f);
        say(fd, "GET /g HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        say(fd, ends[i]);
        expect(fd, 201, "GET /g q=- x=- body=");
        assert_int_equal(recv(fd, &(char){0}, 1, 0) > 0, false); /* and it is closed */
        close(fd);
        fd = dial(f);
        say(fd, "GET /hold HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        say(fd, ends[i]);
        expect(fd, 200, "held");
        close(fd);
    }
}

static void test_a_chunked_get_without_a_body_is_answered(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 60000, .release_at = 1};
    run(&f, chunked_get);
    assert_int_equal(f.handled, 4);
    assert_int_equal(f.begun, 4);
}

static void pipeline(struct fixture *f)
{
    int fd = dial(f);
    say(fd, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /hold HTTP/1.1\r\nHost: x\r\n\r\n"
            "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(fd, 201, "GET /1 q=- x=- body=");
    expect(fd, 200, "held");
    expect(fd, 201, "GET /2 q=- x=- body=");
    close(fd);
}

static void test_pipelined_requests_keep_their_order(void **state)
{
    (void)state;
    struct fixture f = {.release_at = 1};
    run(&f, pipeline);
}

static void hold_many(struct fixture *f)
{
    int fds[50];
    for (int i = 0; i < 50; i++) {
        fds[i] = dial(f);
        say(fds[i], "POST /hold HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
    }
    for (int i = 0; i < 50; i++) {
        expect(fds[i], 200, "held");
        say(fds[i], "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
        expect(fds[i], 201, NULL);
        close(fds[i]);
    }
}

static void test_held_requests_are_answered_later(void **state)
{
    (void)state;
    struct fixture f = {.release_at = 50};
    run(&f, hold_many);
    assert_int_equal(f.handled, 100);
}

static void vanish(struct fixture *f)
{
    int gone = dial(f), other = dial(f);
    say(gone, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    close(gone);
    say(other, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(other, 200, "held");
    close(other);
}

static void test_answering_a_client_that_left_is_harmless(void **state)
{
    (void)state;
    struct fixture f = {.release_at = 2};
    run(&f, vanish);
}

static void oversize(struct fixture *f)
{
    int fd = dial(f);
    say(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
    expect(fd, 413, NULL);
    assert_non_null(strstr(heard, "413-001"));
    close(fd);

    char chunk[1200];
    memset(chunk, 'x', sizeof chunk - 1);
    chunk[sizeof chunk - 1] = 0;
    fd = dial(f);
    say(fd, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4af\r\n");
    say(fd, chunk);
    say(fd, "\r\n0\r\n\r\n");
    expect(fd, 413, NULL);
    close(fd);

    /* One that never ends is cut. */
    fd = dial(f);
    say(fd, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    ssize_t sent = 1;
    for (int i = 0; i < 100000 && sent > 0; i++) {
        sent = send(fd, "4af\r\n", 5, MSG_NOSIGNAL);
        sent = sent > 0 ? send(fd, chunk, strlen(chunk), MSG_NOSIGNAL) : sent;
        sent = sent > 0 ? send(fd, "\r\n", 2, MSG_NOSIGNAL) : sent;
    }
    assert_true(sent < 0);
    close(fd);

    fd = dial(f);
    say(fd, "POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
    chunk[1000] = 0;
    say(fd, chunk);
    expect(fd, 200, "1000");
    close(fd);
}

static void test_bodies_are_bounded(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 0};
    run(&f, oversize);
    assert_int_equal(f.handled, 1);
}

static void large(struct fixture *f)
{
    enum { BYTES = 30000000 };
    char *body = malloc(BYTES + 1);
    memset(body, 'x', BYTES);
    body[BYTES] = 0;
    int fd = dial(f);
    say(fd, "POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n");
    say(fd, body);
    expect(fd, 200, "30000000");
    close(fd);
    free(body);
}

static void test_a_large_body(void **state)
{
    (void)state;
    struct fixture f = {.options = {.max_body_bytes = 40000000}};
    run(&f, large);
}

static void early(struct fixture *f)
{
    int fd = dial(f);
    say(fd, "POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
    expect(fd, 401, "early");
    close(fd);
    fd = dial(f);
    say(fd, "POST /early-reset HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
    assert_int_equal(hear(fd, heard, sizeof heard), -ECONNRESET);
    close(fd);
}

static void test_the_headers_alone_can_be_enough(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 0};
    run(&f, early);
    assert_int_equal(f.begun, 2);
    assert_int_equal(f.handled, 0);
}

static void broken_answers(struct fixture *f)
{
    int fd = dial(f);
    say(fd, "GET /reset HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(hear(fd, heard, sizeof heard), -ECONNRESET);
    close(fd);
    fd = dial(f);
    say(fd, "GET /drop HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(fd, 0, "");
    close(fd);
    fd = dial(f);
    say(fd, "GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(hear(fd, heard, sizeof heard) <= 0);
    assert_string_equal(heard, "0123");
    close(fd);
}

static void test_answers_can_be_broken_on_purpose(void **state)
{
    (void)state;
    struct fixture f = {.grace_ms = 0};
    run(&f, broken_answers);
}

/* The third client is accepted only after another one left; the library alone would forget it. */
static void crowd(struct fixture *f)
{
    int first = dial(f), second = dial(f);
    say(first, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(first, 201, NULL);
    say(second, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(second, 201, NULL);
    for (int i = 0; i < 20; i++) {
        int next = dial(f);
        say(next, "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
        close(first);
        expect(next, 201, NULL);
        first = next;
    }
    close(first);
    close(second);
}

static void test_accepts_again_after_the_limit(void **state)
{
    (void)state;
    struct fixture f = {.options = {.max_connections = 2}};
    run(&f, crowd);
    assert_int_equal(f.handled, 22);
}

/* Sends a byte now and then, for ever: only a deadline for the whole ends it. */
static void trickle(struct fixture *f)
{
    const char *starts[] = {
        "", "GET / HTTP/1.1\r\nX: ", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"};
    for (int i = 0; i < 3; i++) {
        int fd = dial(f);
        say(fd, starts[i]);
        ssize_t sent = 1;
        while (sent > 0) {
            usleep(10000);
            sent = send(fd, "x", 1, MSG_NOSIGNAL);
        }
        assert_true(sent < 0);
        close(fd);
    }
}

static void test_a_trickling_client_is_cut(void **state)
{
    (void)state;
    struct fixture f = {.options = {.idle_timeout_ms = 150, .request_timeout_ms = 150}};
    run(&f, trickle);
    assert_int_equal(f.handled, 0);
}

static void wait_for_end(struct fixture *f)
{
    int fd = dial(f), idle = dial(f);
    say(fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(fd, 0, "");
    expect(idle, 0, "");
    close(fd);
    close(idle);
}

static void test_close_drops_what_is_held(void **state)
{
    (void)state;
    struct fixture f = {.close_when_held = true, .grace_ms = 0};
    run(&f, wait_for_end);
}

static void wait_for_last_answer(struct fixture *f)
{
    int fd = dial(f);
    say(fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(fd, 200, "held");
    assert_int_equal(hear(fd, heard, sizeof heard), 0);
    close(fd);
}

static void test_close_lets_requests_finish(void **state)
{
    (void)state;
    struct fixture f = {.close_when_held = true, .grace_ms = 60000, .release_at = 1};
    run(&f, wait_for_last_answer);
}

static void test_what_cannot_start_says_why(void **state)
{
    (void)state;
    struct error e;
    struct loop *loop = loop_new(&system_clock);
    struct http_server *first, *second;
    struct http_server_options o = {.handle = handle, .max_body_bytes = 10};
    assert_int_equal(http_server_new(&first, loop, &o, &e), 0);
    o.port = http_server_port(first);
    assert_int_equal(http_server_new(&second, loop, &o, &e), ERR_NETWORK);
    assert_non_null(strstr(e.text, "in use"));
    o.port = 0;
    o.tls_cert_pem = o.tls_key_pem = "not a certificate";
    assert_int_equal(http_server_new(&second, loop, &o, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "certificate"));
    o.tls_cert_pem = o.tls_key_pem = NULL;
    o.host = "256.1.1.1";
    assert_int_equal(http_server_new(&second, loop, &o, &e), ERR_USAGE);
    http_server_close(first, 0, NULL, NULL);
    loop_run(loop);
    loop_free(loop);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talk),
        cmocka_unit_test(test_a_chunked_get_without_a_body_is_answered),
        cmocka_unit_test(test_pipelined_requests_keep_their_order),
        cmocka_unit_test(test_held_requests_are_answered_later),
        cmocka_unit_test(test_answering_a_client_that_left_is_harmless),
        cmocka_unit_test(test_bodies_are_bounded),
        cmocka_unit_test(test_a_large_body),
        cmocka_unit_test(test_the_headers_alone_can_be_enough),
        cmocka_unit_test(test_answers_can_be_broken_on_purpose),
        cmocka_unit_test(test_accepts_again_after_the_limit),
        cmocka_unit_test(test_a_trickling_client_is_cut),
        cmocka_unit_test(test_close_drops_what_is_held),
        cmocka_unit_test(test_close_lets_requests_finish),
        cmocka_unit_test(test_what_cannot_start_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
