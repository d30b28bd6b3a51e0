/* Each fault as a client meets it, and what the sandbox had done by then. */
#include "sandbox/fault.h"
#include "sandbox_fixture.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct fixture f;
static struct heard h;

static void start(const char *rule)
{
    struct error e;
    fixture_init(&f);
    f.options.faults = fault_plan_new();
    assert_int_equal(fault_plan_add(f.options.faults, rule, &e), 0);
    fixture_start(&f);
}

static void stop(void)
{
    heard_release(&h);
    fixture_stop(&f);
    fault_plan_free(f.options.faults);
}

static int upload(void)
{
    return post(&f, &h, "ocr", OCR, "%PDF-1.4 a", NULL);
}

static void test_nothing_done(void **state)
{
    (void)state;
    start("post:500=1");
    assert_int_equal(upload(), 500);
    assert_string_equal(text_at(&h, "code"), "500-001");
    assert_int_equal(stat_of(&f, "accepted"), 0);
    assert_int_equal(stat_of(&f, "posts"), 1); /* it counts against the limit all the same */
    assert_int_equal(stat_of(&f, "faults"), 1);
    stop();
    start("post:503-retry-after=1,2500ms");
    assert_int_equal(upload(), 503);
    assert_non_null(strstr(h.headers, "Retry-After: 3\r\n"));
    assert_int_equal(stat_of(&f, "accepted"), 0);
    stop();
    start("job:429-retry-date=1");
    assert_int_equal(upload(), 202);
    assert_int_equal(get(&f, &h, path_at(&h, "job/polling_url")), 429);
    assert_non_null(strstr(h.headers, " GMT\r\n"));
    assert_non_null(strstr(h.headers, "Retry-After: "));
    stop();
    start("post:reset-before=1");
    assert_int_equal(upload(), -ECONNRESET);
    assert_int_equal(stat_of(&f, "posts"), 0);
    assert_int_equal(stat_of(&f, "resets_before"), 1);
    stop();
}

static void test_done_and_the_answer_lost(void **state)
{
    (void)state;
    start("post:reset-after=1");
    assert_int_equal(upload(), -ECONNRESET);
    assert_int_equal(stat_of(&f, "accepted"), 1);
    assert_int_equal(stat_of(&f, "charged_pages"), 1);
    stop();
    start("post:close-after=1");
    assert_int_equal(upload(), 0);
    assert_int_equal(stat_of(&f, "accepted"), 1);
    stop();
    start("post:504-gateway=1");
    assert_int_equal(upload(), 504);
    assert_null(h.json);
    assert_non_null(strstr(h.headers, "text/html"));
    assert_int_equal(stat_of(&f, "accepted"), 1);
    stop();
    start("post:garbage=1");
    assert_int_equal(upload(), 202);
    assert_null(h.json);
    stop();
}

static void test_half_an_answer(void **state)
{
    (void)state;
    start("result:truncate=1");
    assert_int_equal(upload(), 202);
    assert_int_equal(get(&f, &h, path_at(&h, "job/polling_url")), 302);
    assert_true(get(&f, &h, path_at(&h, "job/result_url")) <= 0);
    assert_non_null(strstr(h.headers, "200 OK"));
    assert_true(h.body.len > 100);
    assert_int_equal(stat_of(&f, "results_served"), 1);
    stop();
}

static void test_late(void **state)
{
    (void)state;
    start("post:slow=1,1ms");
    assert_int_equal(upload(), 202);
    assert_int_equal(stat_of(&f, "accepted"), 1);
    stop();
}

/* A stalled request is still open when the sandbox closes, and ends with it. */
static void test_stall(void **state)
{
    (void)state;
    start("any:stall=1");
    struct fixture other = f;
    other.fd = -1;
    static const char request[] =
        "GET /v2/search/models HTTP/1.1\r\nHost: h\r\nAuthorization: k\r\n\r\n";
    assert_int_equal(ask(&f, &h, "GET", "/sandbox/stats", NULL, NULL, NULL), 200);
    assert_int_equal(send(f.fd, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
    while (stat_of(&other, "gets") == 0) {
    }
    char byte;
    assert_int_equal(recv(f.fd, &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    close(other.fd);
    stop();
}

/* The same seed strikes the same requests. */
static void test_seeds(void **state)
{
    (void)state;
    char first[41], second[41];
    for (int round = 0; round < 2; round++) {
        char *out = round == 0 ? first : second;
        start("post:500=0.4");
        for (int i = 0; i < 40; i++)
            out[i] = upload() == 500 ? 'x' : '.';
        out[40] = 0;
        stop();
    }
    assert_string_equal(first, second);
    assert_non_null(strchr(first, 'x'));
    assert_non_null(strchr(first, '.'));
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_done),   cmocka_unit_test(test_done_and_the_answer_lost),
        cmocka_unit_test(test_half_an_answer), cmocka_unit_test(test_late),
        cmocka_unit_test(test_stall),          cmocka_unit_test(test_seeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
