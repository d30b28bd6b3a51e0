/* Each way an upload or a GET can go wrong on a real socket: what is then known of its fate. */
#include "client_fixture.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 3000, LARGE = 16 * 1024 * 1024 };

#define PROBLEM_500 "{\"status\":500,\"title\":\"t\",\"detail\":\"d\",\"code\":\"500-1\"}"
#define PROBLEM_429 "{\"status\":429,\"title\":\"t\",\"detail\":\"d\",\"code\":\"429-1\"}"

static const struct fault_route routes[] = {
    {.prefix = "/accepted", .answer = ACCEPTED},
    {.prefix = "/refused-401", .answer = ANSWER("401 Unauthorized", "11", "who are you")},
    {.prefix = "/problem-500", .answer = ANSWER("500 Oh", "54", PROBLEM_500)},
    {.prefix = "/page-500", .answer = ANSWER("500 Oh", "6", "<html>")},
    {.prefix = "/problem-502", .answer = ANSWER("502 Oh", "54", PROBLEM_500)},
    {.prefix = "/page-503", .answer = ANSWER("503 Oh", "6", "<html>")},
    {.prefix = "/page-504", .answer = ANSWER("504 Oh", "6", "<html>")},
    {.prefix = "/page-522", .answer = ANSWER("522 Oh", "6", "<html>")},
    {.prefix = "/timeout-408", .answer = ANSWER("408 Request Timeout", "0", "")},
    {.prefix = "/garbage-202", .answer = ANSWER("202 Accepted", "6", "<html>")},
    {.prefix = "/unsafe-202",
     .answer = ANSWER("202 Accepted", "22", "{\"job\":{\"id\":\"../..\"}}")},
    {.prefix = "/empty-204", .answer = "HTTP/1.1 204 No Content\r\n\r\n"},
    {.prefix = "/redirect",
     .answer = "HTTP/1.1 307 Temporary Redirect\r\nLocation: "
               "/accepted/v2\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/half-202",
     .answer = ANSWER("202 Accepted", "500", "{\"job\":{\"id\":\"" JOB_ID "\""),
     .after = FAULT_CLOSE},
    {.prefix = "/half-429", .answer = ANSWER("429 Slow", "500", "{"), .after = FAULT_CLOSE},
    {.prefix = "/read-close", .answer = "", .after = FAULT_CLOSE},
    {.prefix = "/read-reset", .answer = "", .after = FAULT_RESET},
    {.prefix = "/mid-reset", .read_bytes = 65536, .answer = "", .after = FAULT_RESET},
    {.prefix = "/silent", .answer = "", .after = FAULT_HOLD},
    {.prefix = "/endless",
     .answer = "HTTP/1.1 202 Accepted\r\n\r\n",
     .endless = "{{{{{{{{{{{{{{{{"},
    {.prefix = "/early-429",
     .read_bytes = -1,
     .answer = "HTTP/1.1 429 Slow\r\nRetry-After: 62\r\nContent-Length: 54\r\n\r\n" PROBLEM_429,
     .after = FAULT_DRAIN},
    {.prefix = "/early-page-500",
     .read_bytes = -1,
     .answer = "HTTP/1.1 500 Oh\r\nContent-Length: 6\r\n\r\n<html>",
     .after = FAULT_DRAIN},
    {0}};

struct row {
    const char *path;
    size_t size;
    enum mindee_delivery delivery;
    enum mindee_fault fault;
    int status;
};

static const struct row uploads[] = {
    {"/accepted", SMALL, MINDEE_ANSWERED, MINDEE_OK, 202},
    {"/accepted", LARGE, MINDEE_ANSWERED, MINDEE_OK, 202},
    {"/refused-401", SMALL, MINDEE_ANSWERED, MINDEE_OK, 401},
    {"/problem-500", SMALL, MINDEE_ANSWERED, MINDEE_OK, 500},
    {"/page-500", SMALL, MINDEE_IN_DOUBT, MINDEE_OK, 500},
    {"/problem-502", SMALL, MINDEE_IN_DOUBT, MINDEE_OK, 502},
    {"/page-503", SMALL, MINDEE_ANSWERED, MINDEE_OK, 503},
    {"/page-504", SMALL, MINDEE_IN_DOUBT, MINDEE_OK, 504},
    {"/page-522", SMALL, MINDEE_IN_DOUBT, MINDEE_OK, 522},
    {"/timeout-408", SMALL, MINDEE_IN_DOUBT, MINDEE_OK, 408},
    {"/garbage-202", SMALL, MINDEE_IN_DOUBT, MINDEE_UNEXPECTED, 202},
    {"/unsafe-202", SMALL, MINDEE_IN_DOUBT, MINDEE_UNEXPECTED, 202},
    {"/empty-204", SMALL, MINDEE_IN_DOUBT, MINDEE_UNEXPECTED, 204},
    {"/redirect", SMALL, MINDEE_IN_DOUBT, MINDEE_UNEXPECTED, 307},
    {"/half-202", SMALL, MINDEE_IN_DOUBT, MINDEE_BROKEN, 202},
    {"/half-429", SMALL, MINDEE_IN_DOUBT, MINDEE_BROKEN, 429},
    {"/read-close", SMALL, MINDEE_IN_DOUBT, MINDEE_BROKEN, 0},
    {"/read-reset", SMALL, MINDEE_IN_DOUBT, MINDEE_BROKEN, 0},
    {"/mid-reset", LARGE, MINDEE_NOT_SENT, MINDEE_BROKEN, 0},
    {"/endless", SMALL, MINDEE_IN_DOUBT, MINDEE_TOO_LARGE, 202},
    {"/early-429", LARGE, MINDEE_ANSWERED, MINDEE_OK, 429},
    {"/early-page-500", LARGE, MINDEE_NOT_SENT, MINDEE_OK, 500},
};

static void upload_faults(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    for (size_t i = 0; i < sizeof uploads / sizeof *uploads; i++) {
        const struct row *row = &uploads[i];
        struct told t = {.fixture = &f};
        struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", row->size));
        size_t before = fault_server_count(f.server, row->path, false);
        fixture_client(&f, row->path, NULL);
        assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &t), 0);
        assert_int_equal(t.calls, 0); /* never from inside */
        fixture_run(&f);
        if (t.calls != 1 || t.delivery != row->delivery || t.fault != row->fault ||
            t.status != row->status)
            fail_msg("%s: %d calls, delivery %d, fault %d, status %d: %s", row->path, t.calls,
                     t.delivery, t.fault, t.status, t.text);
        assert_true(t.on_wire);
        assert_int_equal(fault_server_count(f.server, row->path, false), before + 1);
        assert_int_equal(t.text[0] == '\0', t.fault == MINDEE_OK && t.status == 202);
        assert_null(strstr(t.text, KEY));
        assert_int_equal(t.has_job, t.fault == MINDEE_OK && t.status == 202);
        assert_true(t.body_sent_bytes <= (int64_t)row->size);
        if (row->delivery == MINDEE_IN_DOUBT)
            assert_int_equal(t.body_sent_bytes, row->size);
        if (row->delivery == MINDEE_NOT_SENT)
            assert_true(t.body_sent_bytes < (int64_t)row->size);
        fixture_close_client(&f);
    }
    /* the 307 was not followed, with or without the key */
    assert_int_equal(fault_server_count(f.server, "/accepted", false), 2);
    fixture_end(&f);
}

static void an_early_refusal_keeps_its_retry_after(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    struct told t = {.fixture = &f};
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", LARGE));
    fixture_client(&f, "/early-429", NULL);
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &t), 0);
    fixture_run(&f);
    assert_int_equal(t.retry_after_ms, 62000);
    assert_string_equal(t.code, "429-1");
    assert_string_equal(t.text, "429 Too Many Requests: t. d. (429-1)");
    fixture_end(&f);
}

static void nobody_there(void **state)
{
    struct fixture f;
    char base[64];
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    snprintf(base, sizeof base, "http://127.0.0.1:%d", fault_server_dead_port());
    fixture_client(
        &f, "", &(struct mindee_options){.size = sizeof(struct mindee_options), .base_url = base});
    struct told upload = {.fixture = &f}, poll = upload;
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", SMALL));
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &upload), 0);
    assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &poll), 0);
    fixture_run(&f);
    assert_int_equal(upload.delivery, MINDEE_NOT_SENT);
    assert_int_equal(upload.fault, MINDEE_CONNECT);
    assert_false(upload.on_wire);
    assert_int_equal(poll.delivery, MINDEE_NOT_SENT);
    assert_int_equal(poll.fault, MINDEE_CONNECT);
    assert_true(strlen(poll.text) > 0);
    fixture_end(&f);
}

static void silence(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    fixture_client(
        &f, "/silent",
        &(struct mindee_options){.size = sizeof(struct mindee_options), .timeout_ms = 1000});
    struct told upload = {.fixture = &f}, poll = upload;
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", SMALL));
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &upload), 0);
    assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &poll), 0);
    fixture_run(&f);
    assert_int_equal(upload.delivery, MINDEE_IN_DOUBT);
    assert_int_equal(upload.fault, MINDEE_TIMEOUT);
    assert_int_equal(poll.delivery, MINDEE_IN_DOUBT);
    assert_int_equal(poll.fault, MINDEE_TIMEOUT);
    fixture_end(&f);
}

static void a_file_that_changed_or_is_gone(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    fixture_client(&f, "/accepted", NULL);
    struct told changed = {.fixture = &f}, gone = changed;
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", SMALL));
    struct mindee_file_stamp old = f.stamp;
    old.mtime_ns--;
    q.stamp = &old;
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &changed), 0);
    q = fixture_enqueue(&f, "/nonexistent/a.pdf");
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &gone), 0);
    fixture_run(&f);
    assert_int_equal(changed.fault, MINDEE_SOURCE_CHANGED);
    assert_int_equal(changed.delivery, MINDEE_NOT_SENT);
    assert_int_equal(gone.fault, MINDEE_SOURCE_ERROR);
    assert_int_equal(gone.delivery, MINDEE_NOT_SENT);
    assert_int_equal(fault_server_count(f.server, "/accepted", true), 0);
    fixture_end(&f);
}

static void get_faults(void **state)
{
    static const struct row rows[] = {
        {"/refused-401", 0, MINDEE_ANSWERED, MINDEE_OK, 401},
        {"/page-504", 0, MINDEE_ANSWERED, MINDEE_OK, 504},
        {"/problem-500", 0, MINDEE_ANSWERED, MINDEE_OK, 500},
        {"/garbage-202", 0, MINDEE_ANSWERED, MINDEE_UNEXPECTED, 202},
        {"/half-202", 0, MINDEE_IN_DOUBT, MINDEE_BROKEN, 202},
        {"/read-reset", 0, MINDEE_IN_DOUBT, MINDEE_BROKEN, 0},
        {"/endless", 0, MINDEE_IN_DOUBT, MINDEE_TOO_LARGE, 202},
        {"/redirect", 0, MINDEE_ANSWERED, MINDEE_UNEXPECTED, 307},
    };
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct told t[3] = {{.fixture = &f}, {.fixture = &f}, {.fixture = &f}};
        char url[256];
        snprintf(url, sizeof url, "%s/v2/products/ocr/results/1", rows[i].path);
        fixture_client(&f, rows[i].path,
                       &(struct mindee_options){.size = sizeof(struct mindee_options),
                                                .max_result_bytes = 100000});
        assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &t[0]), 0);
        mindee_get_result(f.client, url, on_answer, &t[1]);
        mindee_search_models(f.client, NULL, NULL, 1, on_answer, &t[2]);
        fixture_run(&f);
        for (int k = 0; k < 3; k++)
            if (t[k].calls != 1 || t[k].delivery != rows[i].delivery ||
                t[k].fault != rows[i].fault || t[k].status != rows[i].status)
                fail_msg("%s, call %d: delivery %d, fault %d, status %d: %s", rows[i].path, k,
                         t[k].delivery, t[k].fault, t[k].status, t[k].text);
        fixture_close_client(&f);
    }
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upload_faults),
        cmocka_unit_test(an_early_refusal_keeps_its_retry_after),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(silence),
        cmocka_unit_test(a_file_that_changed_or_is_gone),
        cmocka_unit_test(get_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
