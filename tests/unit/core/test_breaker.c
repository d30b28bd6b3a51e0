/* The circuit breaker by literal times. */
#include "core/breaker.h"

#include "test.h"

enum { FIRST_MS = 500, MAX_MS = 90000 };

static struct mono at(int64_t ms)
{
    return (struct mono){ms};
}

/* With jitter 0.5 a pause is three quarters of its ceiling. */
static bool sign(struct breaker *s, enum breaker_sign what, int64_t ms)
{
    return breaker_sign(s, what, at(ms), FIRST_MS, MAX_MS, 0.5);
}

static void go_down(struct breaker *s, int64_t ms)
{
    breaker_init(s);
    for (int i = 0; i < 3; i++)
        assert_false(sign(s, SIGN_DOWN, ms));
    assert_false(s->down);
    assert_true(sign(s, SIGN_DOWN, ms));
    assert_true(s->down);
}

static void test_up_lets_all_through(void **state)
{
    (void)state;
    struct breaker s;
    breaker_init(&s);
    for (int i = 0; i < 100; i++) {
        assert_true(breaker_allows(&s, at(0)));
        breaker_sent(&s);
    }
    assert_int_equal(breaker_next(&s, at(17)).ms, 17);
}

static void test_four_in_a_row(void **state)
{
    (void)state;
    struct breaker s;
    breaker_init(&s);
    for (int i = 0; i < 50; i++) {
        enum breaker_sign breaks[] = {SIGN_UP, SIGN_LIMITED, SIGN_REFUSES};
        for (int k = 0; k < 3; k++)
            assert_false(sign(&s, SIGN_DOWN, 1000));
        assert_false(sign(&s, breaks[i % 3], 1000));
    }
    assert_false(s.down);
    for (int k = 0; k < 3; k++) {
        assert_false(sign(&s, SIGN_DOWN, 1000));
        assert_false(sign(&s, SIGN_NONE, 1000)); /* tells nothing either way */
    }
    assert_true(sign(&s, SIGN_DOWN, 2000));
    assert_int_equal(s.down_since.ms, 2000);
}

static void test_one_probe_after_growing_pauses(void **state)
{
    (void)state;
    static const int64_t pauses[] = {375,   750,   1500,  3000,  6000, 12000,
                                     24000, 48000, 67500, 67500, 67500};
    struct breaker s;
    int64_t now = 10000;
    go_down(&s, now);
    for (int i = 0; i < 11; i++) {
        int64_t probe = now + pauses[i];
        assert_false(breaker_allows(&s, at(probe - 1)));
        assert_int_equal(breaker_next(&s, at(now)).ms, probe);
        assert_true(breaker_allows(&s, at(probe)));
        breaker_sent(&s);
        assert_false(breaker_allows(&s, at(probe + 1000000)));
        assert_int_equal(breaker_next(&s, at(probe)).ms, INT64_MAX);
        now = probe + 20;
        assert_false(sign(&s, SIGN_DOWN, now));
    }
    assert_int_equal(s.down_since.ms, 10000);
}

static void test_success_opens(void **state)
{
    (void)state;
    enum breaker_sign opens[] = {SIGN_UP, SIGN_LIMITED, SIGN_REFUSES};
    for (int i = 0; i < 3; i++) {
        struct breaker s;
        go_down(&s, 0);
        breaker_sent(&s);
        assert_true(sign(&s, opens[i], 5000));
        assert_false(s.down);
        assert_true(breaker_allows(&s, at(5000)));
        assert_false(sign(&s, SIGN_UP, 5000)); /* no news */
    }
}

static void test_a_stragglers_success_opens(void **state)
{
    (void)state;
    struct breaker s;
    go_down(&s, 0);
    assert_true(sign(&s, SIGN_UP, 10));
    assert_true(breaker_allows(&s, at(10)));
}

static void test_stragglers_failures_say_nothing(void **state)
{
    (void)state;
    struct breaker s;
    go_down(&s, 0);
    for (int i = 0; i < 30; i++)
        assert_false(sign(&s, SIGN_DOWN, 100));
    assert_int_equal(breaker_next(&s, at(100)).ms, 375);
}

static void test_a_probe_without_news_leaves_its_place(void **state)
{
    (void)state;
    struct breaker s;
    go_down(&s, 0);
    breaker_sent(&s);
    assert_false(sign(&s, SIGN_NONE, 400));
    assert_true(s.down);
    assert_true(breaker_allows(&s, at(400)));
}

/* A server that restarts turns away all that it was sent: that is no failure of its. */
static void test_what_is_turned_away_takes_nothing_down(void **state)
{
    (void)state;
    struct breaker s;
    breaker_init(&s);
    for (int i = 0; i < 30; i++)
        assert_false(sign(&s, SIGN_BUSY, 100));
    assert_false(s.down);
    for (int i = 0; i < 3; i++)
        assert_false(sign(&s, SIGN_DOWN, 100));
    assert_false(sign(&s, SIGN_BUSY, 100));
    assert_true(sign(&s, SIGN_DOWN, 100)); /* nor does it break a row */
}

static void test_nor_does_it_bring_it_up(void **state)
{
    (void)state;
    struct breaker s;
    go_down(&s, 0);
    breaker_sent(&s);
    assert_false(sign(&s, SIGN_BUSY, 400)); /* the probe */
    assert_true(s.down);
    assert_false(breaker_allows(&s, at(400)));
    assert_int_equal(breaker_next(&s, at(400)).ms, 400 + 750);
    assert_false(sign(&s, SIGN_BUSY, 500)); /* a straggler */
    assert_int_equal(breaker_next(&s, at(500)).ms, 400 + 750);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_lets_all_through),
        cmocka_unit_test(test_four_in_a_row),
        cmocka_unit_test(test_one_probe_after_growing_pauses),
        cmocka_unit_test(test_success_opens),
        cmocka_unit_test(test_a_stragglers_success_opens),
        cmocka_unit_test(test_stragglers_failures_say_nothing),
        cmocka_unit_test(test_a_probe_without_news_leaves_its_place),
        cmocka_unit_test(test_what_is_turned_away_takes_nothing_down),
        cmocka_unit_test(test_nor_does_it_bring_it_up),
    };
    return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
