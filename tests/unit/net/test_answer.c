/* Reading an answer's head, and its bounds. */
#include "net/answer.h"

#include "base/error.h"
#include "test.h"

#include <string.h>

static struct wall wall_now(const struct clock *c)
{
    (void)c;
    return (struct wall){1788285605000}; /* 2026-09-01T18:00:05Z */
}

static const struct clock clock_stopped = {.wall_now = wall_now};

static int line(struct answer *a, const char *text)
{
    return answer_header(a, text, strlen(text), &clock_stopped);
}

static int64_t retry_after(const char *header)
{
    struct answer a;
    answer_init(&a, 100);
    assert_int_equal(line(&a, "HTTP/1.1 429 Too Many Requests\r\n"), 0);
    assert_int_equal(line(&a, header), 0);
    assert_int_equal(line(&a, "\r\n"), 0);
    answer_release(&a);
    return a.retry_after_ms;
}

static void interim_answers_are_not_the_answer(void **state)
{
    struct answer a;
    (void)state;
    answer_init(&a, 100);
    assert_int_equal(line(&a, "HTTP/1.1 100 Continue\r\n"), 0);
    assert_int_equal(line(&a, "Retry-After: 7\r\n"), 0);
    assert_int_equal(line(&a, "\r\n"), 0);
    assert_true(a.continued);
    assert_false(a.whole_headers);
    assert_int_equal(line(&a, "HTTP/1.1 202 Accepted\r\n"), 0);
    assert_false(a.whole_headers);
    assert_int_equal(line(&a, "\r\n"), 0);
    assert_true(a.whole_headers);
    assert_int_equal(a.status, 202);
    assert_int_equal(a.retry_after_ms, -1);
    /* a trailer changes nothing */
    assert_int_equal(line(&a, "Retry-After: 9\r\n"), 0);
    assert_int_equal(a.retry_after_ms, -1);
    answer_release(&a);
}

static void status_lines(void **state)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\n", 200}, {"HTTP/2 404\r\n", 404}, {"HTTP/2 503 \r\n", 503},
        {"HTTP/1.1 20\r\n", 0},       {"HTTP/1.1\r\n", 0},     {"HTTP/1.1 2x0 OK\r\n", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct answer a;
        answer_init(&a, 100);
        assert_int_equal(line(&a, rows[i].text), 0);
        assert_int_equal(a.status, rows[i].status);
        answer_release(&a);
    }
}

static void retry_after_in_both_forms(void **state)
{
    (void)state;
    assert_int_equal(retry_after("Retry-After: 62\r\n"), 62000);
    assert_int_equal(retry_after("retry-after:0\r\n"), 0);
    assert_int_equal(retry_after("RETRY-AFTER:   3   \r\n"), 3000);
    assert_int_equal(retry_after("Retry-After: Tue, 01 Sep 2026 18:01:05 GMT\r\n"), 60000);
    assert_int_equal(retry_after("Retry-After: Tue, 01 Sep 2026 17:00:00 GMT\r\n"), 0);
    assert_int_equal(retry_after("Retry-After: 99999999999999999999\r\n"), 366 * 86400000LL);
    assert_int_equal(retry_after("Retry-After: soon\r\n"), -1);
    assert_int_equal(retry_after("Retry-After: 5 minutes\r\n"), -1);
    assert_int_equal(retry_after("Retry-After:\r\n"), -1);
    assert_int_equal(retry_after("X-Retry-After: 5\r\n"), -1);
}

static void head_is_bounded(void **state)
{
    struct answer a;
    char filler[1000];
    size_t taken = 0;
    (void)state;
    memset(filler, 'x', sizeof filler);
    answer_init(&a, 100);
    assert_int_equal(line(&a, "HTTP/1.1 200 OK\r\n"), 0);
    while (answer_header(&a, filler, sizeof filler, &clock_stopped) == 0)
        taken += sizeof filler;
    assert_true(a.too_large);
    assert_true(taken > ANSWER_MAX_HEADER_BYTES - 2 * sizeof filler);
    assert_true(taken <= ANSWER_MAX_HEADER_BYTES);
    answer_release(&a);
}

static void body_is_bounded(void **state)
{
    struct answer a;
    (void)state;
    answer_init(&a, 10);
    assert_int_equal(answer_body(&a, "0123456789", 10), 0);
    assert_false(a.too_large);
    assert_int_not_equal(answer_body(&a, "x", 1), 0);
    assert_true(a.too_large);
    assert_int_equal(a.body.len, 10);
    answer_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interim_answers_are_not_the_answer),
        cmocka_unit_test(status_lines),
        cmocka_unit_test(retry_after_in_both_forms),
        cmocka_unit_test(head_is_bounded),
        cmocka_unit_test(body_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
