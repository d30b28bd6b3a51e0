/* One request against a server that misbehaves: how it ends, what is said of it, and that nothing
 * is ever sent twice. */
#include "transfer_fixture.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static const struct fault_route routes[] = {
    {.prefix = "/reset", .answer = "", .after = FAULT_RESET},
    {.prefix = "/close", .answer = "", .after = FAULT_CLOSE},
    {.prefix = "/half-head", .answer = "HTTP/1.1 200 OK\r\nContent-Le", .after = FAULT_CLOSE},
    {.prefix = "/half-line", .answer = "HTTP/1.1 200 OK\r\n", .after = FAULT_CLOSE},
    {.prefix = "/half-body",
     .answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf",
     .after = FAULT_CLOSE},
    {.prefix = "/half-chunks",
     .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
     .after = FAULT_CLOSE},
    {.prefix = "/chunks",
     .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n"},
    {.prefix = "/until-close",
     .answer = "HTTP/1.1 200 OK\r\n\r\nuntil the end",
     .after = FAULT_CLOSE},
    {.prefix = "/never", .answer = "", .after = FAULT_HOLD},
    {.prefix = "/stalls",
     .answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf",
     .after = FAULT_HOLD},
    {.prefix = "/late", .late = true},
    {.prefix = "/endless-body",
     .answer = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
     .endless = "0123456789012345678901234567890123456789012345678901234567890123"},
    {.prefix = "/endless-head",
     .answer = "HTTP/1.1 200 OK\r\n",
     .endless = "X-Filler: 012345678901234567890123456789\r\n"},
    {.prefix = "/endless-line",
     .answer = "HTTP/1.1 200 OK\r\nX-Filler: ",
     .endless = "0123456789012345678901234567890123456789012345678901234567890123"},
    {.prefix = "/302",
     .answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere?x=1\r\nContent-Type: text/x\r\n"
               "Content-Length: 4\r\n\r\nbody"},
    {.prefix = "/401",
     .answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
               "Content-Length: 0\r\n\r\n"},
    {.prefix = "/garbage", .answer = "\x16\x03\x01 what is this\r\n\r\n", .after = FAULT_CLOSE},
    {.prefix = "/wait-0",
     .answer = "HTTP/1.1 429 No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/wait-62",
     .answer = "HTTP/1.1 429 No\r\nRetry-After: 62\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/wait-none", .answer = "HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/not-gzip",
     .answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nbytes"},
    {.prefix = "/refused-gzip",
     .answer = "HTTP/1.1 422 No\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nbytes"},
    {.prefix = "/marked",
     .answer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\xef\xbb\xbf"
               "bytes"},
    {.prefix = "/hints", .answer = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" OK_EMPTY},
    {.prefix = "/reused", .from_nth = 2, .answer = "", .after = FAULT_CLOSE},
    {0},
};

static int set_up(void **state)
{
    *state = fixture_new(&(struct fault_options){.routes = routes, .keep_bodies = true}, NULL);
    return 0;
}

static int tear_down(void **state)
{
    fixture_free(*state);
    return 0;
}

/* Runs a GET; checks how it ended and that it was sent once, and shows no secret. */
static void get(struct fixture *f, const char *path, enum transfer_end end, struct outcome *o)
{
    *o = (struct outcome){0};
    fixture_run_get(f, path, o);
    if (o->result.end != end)
        fail_msg("%s: ended as %d (%d, %s)", path, o->result.end, o->result.library_code,
                 o->result.text);
    assert_int_equal(fault_server_count(f->server, path, FAULT_SEEN), 1);
    assert_true(o->result.on_wire);
    assert_true(o->result.body_sent_whole);
    assert_int_equal(end == TRANSFER_COMPLETE, o->result.text[0] == '\0');
    assert_null(strstr(o->result.text, "md_secret"));
    assert_true(o->result.started.ms > 0 && o->result.ended.ms >= o->result.started.ms);
}

static void whole_answer(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    get(f, "/fine", TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 200);
    assert_string_equal(o.body, "{\"path\":\"/fine\"}");
    assert_string_equal(o.content_type, "application/json");
    assert_string_equal(o.location, "");
    assert_int_equal(o.result.retry_after_ms, -1);
    const struct fault_record *r = fault_server_find(f->server, "/fine");
    assert_string_equal(r->method, "GET");
    assert_string_equal(r->authorization, "md_secret");
    outcome_release(&o);
}

static void answers_of_every_framing(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    get(f, "/chunks", TRANSFER_COMPLETE, &o);
    assert_string_equal(o.body, "whole");
    outcome_release(&o);
    get(f, "/until-close", TRANSFER_COMPLETE, &o);
    assert_string_equal(o.body, "until the end");
    outcome_release(&o);
    get(f, "/marked", TRANSFER_COMPLETE, &o);
    assert_string_equal(o.body, "bytes");
    assert_non_null(
        strstr(fault_server_find(f->server, "/marked")->head, "\r\nAccept-Encoding: identity\r\n"));
    outcome_release(&o);
    get(f, "/not-gzip", TRANSFER_BROKEN, &o);
    assert_int_equal(o.result.status, 200);
    outcome_release(&o);
    get(f, "/refused-gzip", TRANSFER_COMPLETE, &o); /* a refusal all the same */
    outcome_release(&o);
    get(f, "/hints", TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 200);
    outcome_release(&o);
}

static void redirects_are_told_not_followed(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    char expected[128];
    get(f, "/302", TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 302);
    snprintf(expected, sizeof expected, "http://127.0.0.1:%d/elsewhere?x=1",
             fault_server_port(f->server));
    assert_string_equal(o.location, expected);
    assert_string_equal(o.content_type, "text/x");
    assert_string_equal(o.body, "body");
    assert_int_equal(fault_server_count(f->server, "/elsewhere", FAULT_SEEN), 0);
    outcome_release(&o);
    get(f, "/401", TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 401);
    outcome_release(&o);
}

static void retry_after(void **state)
{
    static const struct {
        const char *path;
        int64_t ms;
    } rows[] = {{"/wait-0", 0}, {"/wait-62", 62000}, {"/wait-none", -1}};
    for (size_t i = 0; i < 3; i++) {
        struct outcome o;
        get(*state, rows[i].path, TRANSFER_COMPLETE, &o);
        assert_int_equal(o.result.status, 429);
        assert_int_equal(o.result.retry_after_ms, rows[i].ms);
        outcome_release(&o);
    }
}

static void connections_that_end_before_an_answer(void **state)
{
    static const char *const paths[] = {"/reset", "/close", "/half-head", "/half-line", "/garbage"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct outcome o;
        get(*state, paths[i], TRANSFER_BROKEN, &o);
        assert_int_equal(o.result.status, 0);
        assert_int_equal(o.result.retry_after_ms, -1);
        outcome_release(&o);
    }
}

static void half_an_answer_is_no_answer(void **state)
{
    struct outcome o;
    get(*state, "/half-body", TRANSFER_BROKEN, &o);
    assert_int_equal(o.result.status, 202); /* its headers came */
    outcome_release(&o);
    get(*state, "/half-chunks", TRANSFER_BROKEN, &o);
    outcome_release(&o);
}

static void answers_without_end_are_cut(void **state)
{
    static const char *const paths[] = {"/endless-body", "/endless-head", "/endless-line"};
    for (size_t i = 0; i < 3; i++) {
        struct outcome o;
        get(*state, paths[i], TRANSFER_TOO_LARGE, &o);
        assert_true(o.body_len <= 1 << 20);
        outcome_release(&o);
    }
}

static void nobody_listens(void **state)
{
    struct fixture *f = *state;
    struct outcome o = {0};
    struct file_stamp stamp;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/path?query", fault_server_dead_port());
    fixture_run_get(f, url, &o);
    assert_int_equal(o.result.end, TRANSFER_CONNECT);
    assert_false(o.result.on_wire || o.result.body_sent_whole);
    assert_int_equal(o.result.status, 0);
    assert_null(strstr(o.result.text, "query"));
    assert_int_equal(strncmp(o.result.text, "Failed to connect to 127.0.0.1 port ", 36), 0);
    assert_null(strstr(o.result.text, "no connection")); /* said once */
    assert_null(strstr(o.result.text, "connect to server"));
    assert_int_not_equal(o.result.library_code, 0);
    outcome_release(&o);
    const char *file = fixture_file(f, "unsent", 1000, &stamp);
    fixture_run_post(f, url, file, &stamp, &o);
    assert_int_equal(o.result.end, TRANSFER_CONNECT);
    assert_false(o.result.on_wire || o.result.body_sent_whole);
    assert_int_equal(o.result.body_sent_bytes, 0);
    assert_int_equal(o.result.body_total_bytes, 1000);
    outcome_release(&o);
}

/* Through the resolver's thread and its socket pair; ::1 refuses first, where there is one. */
static void names_are_looked_up(void **state)
{
    struct fixture *f = *state;
    char url[64];
    for (int i = 0; i < 20; i++) {
        struct outcome looked_up = {0}, cancelled = {0};
        snprintf(url, sizeof url, "http://localhost:%d/name/%d.", fault_server_port(f->server), i);
        struct transfer *t = fixture_get(f, url, &cancelled);
        fixture_get(f, url, &looked_up);
        transfer_cancel(t);
        loop_run(f->loop);
        assert_int_equal(cancelled.result.end, TRANSFER_CANCELLED);
        assert_int_equal(looked_up.result.end, TRANSFER_COMPLETE);
        outcome_release(&cancelled);
        outcome_release(&looked_up);
    }
    assert_int_equal(fault_server_count(f->server, "/name/", FAULT_SEEN), 20);
}

static void urls_that_are_none(void **state)
{
    static const char *const urls[] = {"ftp://127.0.0.1/x", "http://user:pw@127.0.0.1/",
                                       "nonsense:", "file:///etc/passwd"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct outcome o = {0};
        fixture_run_get(*state, urls[i], &o);
        assert_int_equal(o.result.end, TRANSFER_CONNECT);
        assert_false(o.result.on_wire);
        assert_null(strstr(o.result.text, "pw"));
        outcome_release(&o);
    }
}

/* libcurl repeats a request by itself when a reused connection is closed before an answer. */
static void reused_connection_closed_cleanly_is_not_sent_again(void **state)
{
    struct fixture *f = *state;
    struct file_stamp stamp;
    const char *file = fixture_file(f, "a", 60000, &stamp);
    for (int i = 0; i < 20; i++) {
        struct outcome o = {0};
        char first[32], second[32];
        snprintf(first, sizeof first, "/first/%d.", i);
        snprintf(second, sizeof second, "/reused/%d.", i);
        fixture_run_get(f, first, &o);
        assert_int_equal(o.result.end, TRANSFER_COMPLETE);
        outcome_release(&o);
        if (i % 2)
            fixture_run_get(f, second, &o);
        else
            fixture_run_post(f, second, file, &stamp, &o);
        const struct fault_record *r = fault_server_find(f->server, second);
        assert_int_equal(r->nth, 2); /* it was reused */
        assert_int_equal(o.result.end, TRANSFER_BROKEN);
        assert_true(o.result.on_wire && o.result.body_sent_whole);
        assert_int_equal(fault_server_count(f->server, second, FAULT_SEEN), 1);
        outcome_release(&o);
    }
}

static void on_release(void *ctx)
{
    fault_server_release(ctx);
}

static void await_late(void *ctx)
{
    fault_server_await(ctx, "/late", FAULT_WHOLE, 1);
}

static void late_answer(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    loop_work(f->loop, await_late, on_release, f->server);
    get(f, "/late", TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 200);
    outcome_release(&o);
}

/* ---- with little patience ---- */

enum { PATIENCE_MS = 1000 };

static int set_up_impatient(void **state)
{
    struct transfer_pool_options options = fixture_options();
    options.idle_timeout_ms = PATIENCE_MS;
    *state = fixture_new(&(struct fault_options){.routes = routes}, &options);
    return 0;
}

static void silence_ends_it(void **state)
{
    struct outcome o;
    get(*state, "/never", TRANSFER_TIMEOUT, &o);
    assert_int_equal(o.result.status, 0);
    assert_true(o.result.ended.ms - o.result.started.ms >= PATIENCE_MS);
    outcome_release(&o);
    get(*state, "/stalls", TRANSFER_TIMEOUT, &o);
    assert_int_equal(o.result.status, 202);
    outcome_release(&o);
}

/* A loop that was held up past the deadline, and for longer than a whole transfer may take, reads
 * what has come before it calls it silence or slow. */
static void hold_up(void *ctx)
{
    struct fixture *f = ctx;
    struct mono late = mono_add(loop_now(f->loop), 4 * PATIENCE_MS);
    fault_server_release(f->server);
    fault_server_await(f->server, "/late", FAULT_ANSWERED, 1);
    while (!mono_reached(loop_now(f->loop), late))
        usleep(10000);
}

static void await_late_of(void *ctx)
{
    await_late(((struct fixture *)ctx)->server);
}

static void answer_that_waits_in_the_socket_is_read(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    get(f, "/fine", TRANSFER_COMPLETE, &o); /* connected: no timer of libcurl's makes it look */
    outcome_release(&o);
    loop_work(f->loop, await_late_of, hold_up, f);
    get(f, "/late", TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 200);
    outcome_release(&o);
}

/* ---- connecting, TLS ---- */

static void nothing(void *ctx)
{
    (void)ctx;
}

static void tls_get(const struct fault_options *server, const struct transfer_pool_options *options,
                    bool own_ca, struct outcome *o)
{
    struct fault_server *other = fault_server_start(&(struct fault_options){.tls = true});
    struct fixture *f = fixture_new(server, NULL);
    struct transfer_pool *plain = f->pool;
    struct transfer_pool_options with_ca = *options;
    struct error e = {0};
    char ca[96], url[64];
    snprintf(ca, sizeof ca, "%s/ca.pem", f->dir);
    fault_server_write_ca(own_ca ? f->server : other, ca);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/tls", fault_server_port(f->server));
    with_ca.ca_file = ca;
    assert_int_equal(transfer_pool_new(&f->pool, f->loop, &with_ca, &e), 0);
    transfer_pool_close(plain, nothing, NULL);
    fixture_run_get(f, url, o);
    if (o->result.end == TRANSFER_COMPLETE) {
        struct outcome again = {0};
        fixture_run_get(f, url, &again);
        assert_int_equal(again.result.end, TRANSFER_COMPLETE);
        assert_int_equal(fault_server_connections(f->server), 1);
        outcome_release(&again);
    }
    assert_int_equal(fault_server_count(f->server, "/", FAULT_SEEN), o->result.on_wire ? 2 : 0);
    fixture_free(f);
    fault_server_stop(other);
}

static void tls_is_verified(void **state)
{
    static const struct fault_options server = {.tls = true};
    struct transfer_pool_options options = fixture_options();
    struct outcome o = {0};
    (void)state;
    tls_get(&server, &options, true, &o);
    assert_int_equal(o.result.end, TRANSFER_COMPLETE);
    outcome_release(&o);
    tls_get(&server, &options, false, &o);
    assert_int_equal(o.result.end, TRANSFER_CONNECT);
    assert_false(o.result.on_wire);
    outcome_release(&o);
}

static void http2_is_an_offer(void **state)
{
    static const struct fault_options server = {.tls = true};
    struct transfer_pool_options options = fixture_options();
    struct outcome o = {0};
    (void)state;
    options.http2 = 1;
    tls_get(&server, &options, true, &o);
    assert_int_equal(o.result.end, TRANSFER_COMPLETE);
    outcome_release(&o);
}

static void handshake_that_never_ends_is_a_connect_timeout(void **state)
{
    static const struct fault_options server = {.tls = true, .hold_connections = true};
    struct transfer_pool_options options = fixture_options();
    struct outcome o = {0};
    (void)state;
    options.connect_timeout_ms = 200;
    tls_get(&server, &options, true, &o);
    assert_int_equal(o.result.end, TRANSFER_CONNECT);
    assert_false(o.result.on_wire);
    outcome_release(&o);
}

static void missing_ca_file_is_said(void **state)
{
    struct fixture *f = *state;
    struct transfer_pool_options options = fixture_options();
    struct transfer_pool *pool;
    struct error e = {0};
    options.ca_file = "/nonexistent/ca.pem";
    assert_int_equal(transfer_pool_new(&pool, f->loop, &options, &e), ERR_IO);
    assert_non_null(strstr(e.text, "/nonexistent/ca.pem"));
}

#define TEST(name)      cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define IMPATIENT(name) cmocka_unit_test_setup_teardown(name, set_up_impatient, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_answer),
        TEST(answers_of_every_framing),
        TEST(redirects_are_told_not_followed),
        TEST(retry_after),
        TEST(connections_that_end_before_an_answer),
        TEST(half_an_answer_is_no_answer),
        TEST(answers_without_end_are_cut),
        TEST(nobody_listens),
        TEST(names_are_looked_up),
        TEST(urls_that_are_none),
        TEST(reused_connection_closed_cleanly_is_not_sent_again),
        TEST(late_answer),
        IMPATIENT(silence_ends_it),
        IMPATIENT(answer_that_waits_in_the_socket_is_read),
        cmocka_unit_test(tls_is_verified),
        cmocka_unit_test(http2_is_an_offer),
        cmocka_unit_test(handshake_that_never_ends_is_a_connect_timeout),
        TEST(missing_ca_file_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
