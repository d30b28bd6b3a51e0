/* POSTs of a raw body: what arrives, what is counted when a connection breaks, and that nothing is
 * sent twice. */
#include "transfer_fixture.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any socket's buffers hold. */
enum { LARGE = 24 * 1000 * 1000 };

static const struct fault_route routes[] = {
    {.prefix = "/401", .answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"},
    {.prefix = "/302",
     .answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/reset/before", .read_bytes = -1, .answer = "", .after = FAULT_RESET},
    {.prefix = "/reset/middle", .read_bytes = 100000, .answer = "", .after = FAULT_RESET},
    {.prefix = "/reset/after", .answer = "", .after = FAULT_RESET},
    {.prefix = "/close/after", .answer = "", .after = FAULT_CLOSE},
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

/* Bytes of every value, line ends and NULs among them. */
static char *make_bytes(size_t len)
{
    char *bytes = xcalloc(1, len + 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    return bytes;
}

static void post(struct fixture *f, const char *path, size_t len, enum transfer_end end,
                 struct outcome *o)
{
    char *bytes = make_bytes(len);
    *o = (struct outcome){0};
    fixture_post_raw(f, path, bytes, len, o);
    free(bytes); /* it was copied */
    loop_run(f->loop);
    assert_int_equal(o->calls, 1);
    if (o->result.end != end)
        fail_msg("%s: ended as %d (%d, %s)", path, o->result.end, o->result.library_code,
                 o->result.text);
    assert_int_equal(o->result.body_total_bytes, len);
    assert_int_equal(o->result.body_sent_whole, o->result.body_sent_bytes == (int64_t)len);
    assert_true(fault_server_count(f->server, path, FAULT_SEEN) <= 1);
}

static void bytes_arrive_as_they_are(void **state)
{
    struct fixture *f = *state;
    static const size_t sizes[] = {0, 1, 8000, 70000, 1100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct outcome o;
        char path[32];
        snprintf(path, sizeof path, "/size/%zu.", sizes[i]);
        post(f, path, sizes[i], TRANSFER_COMPLETE, &o);
        assert_int_equal(o.result.status, 202);
        assert_true(o.result.on_wire && o.result.body_sent_whole);
        const struct fault_record *r = fault_server_find(f->server, path);
        char *bytes = make_bytes(sizes[i]);
        assert_string_equal(r->method, "POST");
        assert_int_equal(r->content_length, sizes[i]);
        assert_int_equal(r->body_bytes, sizes[i]);
        assert_memory_equal(r->body, bytes, sizes[i]);
        assert_false(r->chunked || r->expects);
        assert_non_null(strstr(r->head, "\r\nContent-Length: "));
        assert_non_null(strstr(r->head, "\r\nContent-Type: text/x\r\n"));
        assert_non_null(strstr(r->head, "\r\nX-Signature: sign\r\n"));
        assert_null(strstr(r->head, "x-www-form-urlencoded"));
        assert_null(strstr(r->head, "Authorization"));
        free(bytes);
        outcome_release(&o);
    }
}

/* One easy handle for all of them: nothing of a request stays for the next. */
static void kinds_of_requests_do_not_mix(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    for (int round = 0; round < 2; round++) {
        char path[32];
        snprintf(path, sizeof path, "/raw/%d", round);
        post(f, path, 5, TRANSFER_COMPLETE, &o);
        outcome_release(&o);
        o = (struct outcome){0};
        snprintf(path, sizeof path, "/get/%d", round);
        fixture_run_get(f, path, &o);
        const struct fault_record *get = fault_server_find(f->server, path);
        assert_string_equal(get->method, "GET");
        assert_int_equal(get->content_length, 0);
        assert_null(strstr(get->head, "X-Signature"));
        outcome_release(&o);
        struct file_stamp stamp;
        o = (struct outcome){0};
        snprintf(path, sizeof path, "/form/%d", round);
        fixture_run_post(f, path, fixture_file(f, "file", 3000, &stamp), &stamp, &o);
        assert_int_equal(o.result.body_sent_bytes, 3000);
        assert_true(fixture_body_holds(fault_server_find(f->server, path), "file", 3000));
        outcome_release(&o);
    }
}

static void any_status_is_an_answer(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    post(f, "/401", 3000, TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 401);
    assert_string_equal(o.body, "no");
    outcome_release(&o);
    post(f, "/302", 3000, TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 302);
    assert_int_equal(fault_server_count(f->server, "/elsewhere", FAULT_SEEN), 0);
    outcome_release(&o);
}

static void broken(struct fixture *f, const char *path, size_t len, bool whole)
{
    struct outcome o;
    post(f, path, len, TRANSFER_BROKEN, &o);
    assert_true(o.result.on_wire);
    assert_int_equal(o.result.status, 0);
    assert_int_equal(o.result.body_sent_whole, whole);
    assert_int_equal(fault_server_count(f->server, path, FAULT_WHOLE), whole);
    outcome_release(&o);
}

static void broken_connections_are_counted_truly(void **state)
{
    broken(*state, "/reset/before", LARGE, false);
    broken(*state, "/reset/middle", LARGE, false);
    broken(*state, "/reset/after/small", 8000, true);
    broken(*state, "/reset/after/large", 3000000, true);
    broken(*state, "/close/after/small", 8000, true);
}

/* libcurl would send it again on a new connection. */
static void lost_on_a_reused_connection_is_not_sent_again(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    post(f, "/first", 10, TRANSFER_COMPLETE, &o);
    outcome_release(&o);
    post(f, "/reused", 10, TRANSFER_BROKEN, &o);
    assert_true(o.result.on_wire && o.result.body_sent_whole);
    assert_int_equal(fault_server_count(f->server, "/reused", FAULT_SEEN), 1);
    assert_int_equal(fault_server_find(f->server, "/reused")->connection, 1);
    outcome_release(&o);
}

static void refused_connection_sends_nothing(void **state)
{
    struct outcome o;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/hook", fault_server_dead_port());
    post(*state, url, 100, TRANSFER_CONNECT, &o);
    assert_false(o.result.on_wire || o.result.body_sent_whole);
    assert_int_equal(o.result.body_sent_bytes, 0);
    outcome_release(&o);
}

static void cancel_in_the_middle(void **state)
{
    struct fixture *f = *state;
    struct outcome o = {0};
    char *bytes = make_bytes(LARGE);
    transfer_cancel(fixture_post_raw(f, "/cancelled", bytes, LARGE, &o));
    free(bytes);
    loop_run(f->loop);
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.result.end, TRANSFER_CANCELLED);
    assert_false(o.result.body_sent_whole);
    outcome_release(&o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_arrive_as_they_are),
        TEST(kinds_of_requests_do_not_mix),
        TEST(any_status_is_an_answer),
        TEST(broken_connections_are_counted_truly),
        TEST(lost_on_a_reused_connection_is_not_sent_again),
        TEST(refused_connection_sends_nothing),
        TEST(cancel_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
