/* What is told when: grouped, at most once in so long, nothing lost and nothing twice. */
#include "notify/troubles.h"

#include "test.h"

enum { EVERY_MS = 900 };

static struct wall at(int64_t ms)
{
    return (struct wall){1000000 + ms};
}

static void the_first_goes_at_once_and_the_next_wait(void **state)
{
    struct troubles t = {.every_ms = EVERY_MS};
    (void)state;
    assert_false(troubles_pending(&t));
    troubles_add(&t, TROUBLE_SILENCE, "a", "b");
    assert_true(troubles_pending(&t));
    assert_int_equal(troubles_wait_ms(&t, at(0)), 0);
    troubles_written(&t, at(0));
    assert_false(troubles_pending(&t));
    troubles_kept(&t);
    troubles_add(&t, TROUBLE_UNREAD, "c", "d");
    troubles_add(&t, TROUBLE_BUDGET, "e", "f");
    assert_int_equal(troubles_wait_ms(&t, at(100)), EVERY_MS - 100);
    assert_int_equal(troubles_wait_ms(&t, at(EVERY_MS)), 0);
    troubles_written(&t, at(EVERY_MS));
    assert_true(t.of[TROUBLE_UNREAD].written && t.of[TROUBLE_BUDGET].written); /* in one */
    assert_false(t.of[TROUBLE_SILENCE].pending);
}

static void what_is_not_durable_is_told_again(void **state)
{
    struct troubles t = {.every_ms = EVERY_MS};
    (void)state;
    troubles_add(&t, TROUBLE_BUDGET, "a", "b");
    troubles_written(&t, at(0));
    troubles_lost(&t);
    assert_true(troubles_pending(&t));
    troubles_written(&t, at(10));
    troubles_kept(&t);
    troubles_lost(&t);
    assert_false(troubles_pending(&t));
}

static void news_that_come_before_it_is_durable_stay(void **state)
{
    struct troubles t = {.every_ms = EVERY_MS};
    (void)state;
    troubles_add(&t, TROUBLE_BUDGET, "a", "b");
    troubles_written(&t, at(0));
    troubles_add(&t, TROUBLE_BUDGET, "newer", "b");
    troubles_kept(&t);
    assert_true(troubles_pending(&t));
    assert_string_equal(t.of[TROUBLE_BUDGET].text, "newer");
}

static void good_news_wait_for_nothing(void **state)
{
    struct troubles t = {.every_ms = EVERY_MS, .told_at = at(0)};
    (void)state;
    troubles_add(&t, TROUBLE_FAILURES, "", "");
    assert_int_equal(troubles_wait_ms(&t, at(1)), EVERY_MS - 1);
    troubles_add(&t, TROUBLE_BACK, "a", "");
    assert_int_equal(troubles_wait_ms(&t, at(1)), 0);
}

static void what_is_over_is_not_told_and_a_clock_that_went_back_delays_nothing(void **state)
{
    struct troubles t = {.every_ms = EVERY_MS, .told_at = at(500)};
    (void)state;
    troubles_add(&t, TROUBLE_SILENCE, "a", "b");
    assert_int_equal(troubles_wait_ms(&t, at(400)), 0);
    troubles_drop(&t, TROUBLE_SILENCE);
    assert_false(troubles_pending(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_goes_at_once_and_the_next_wait),
        cmocka_unit_test(what_is_not_durable_is_told_again),
        cmocka_unit_test(news_that_come_before_it_is_durable_stay),
        cmocka_unit_test(good_news_wait_for_nothing),
        cmocka_unit_test(what_is_over_is_not_told_and_a_clock_that_went_back_delays_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
