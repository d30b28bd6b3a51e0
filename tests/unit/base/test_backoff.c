/* Waits by literal numbers: the ceiling doubles, the bound holds, the server's word is a floor. */
#include "base/backoff.h"

#include "base/random.h"
#include "test.h"

enum { NOT_SAID = -1, HOUR_MS = 3600000 };

static void test_ceiling_doubles(void **state)
{
    (void)state;
    static const int64_t half_of_ceiling[] = {250,  500,   1000,  2000,  4000,
                                              8000, 16000, 32000, 45000, 45000};
    for (int i = 0; i < 10; i++)
        assert_int_equal(backoff_delay_ms(i + 1, 500, 90000, 0.5, NOT_SAID), half_of_ceiling[i]);
    assert_int_equal(backoff_delay_ms(1000000, 500, 90000, 0.5, NOT_SAID), 45000);
}

static void test_full_jitter(void **state)
{
    (void)state;
    assert_int_equal(backoff_delay_ms(3, 500, 90000, 0.0, NOT_SAID), 0);
    assert_int_equal(backoff_delay_ms(3, 500, 90000, 0.25, NOT_SAID), 500);
    assert_int_equal(backoff_delay_ms(3, 500, 90000, 0.9999, NOT_SAID), 1999);
}

static void test_server_is_a_floor(void **state)
{
    (void)state;
    assert_int_equal(backoff_delay_ms(1, 500, 90000, 0.9, 7000), 7000);
    assert_int_equal(backoff_delay_ms(8, 500, 90000, 0.9, 7000), 57600);
    assert_int_equal(backoff_delay_ms(1, 500, 90000, 0.9, 0), 450);
    assert_int_equal(backoff_delay_ms(1, 500, 90000, 0.9, 600000), 600000);
    assert_int_equal(backoff_delay_ms(1, 500, 90000, 0.9, HOUR_MS), HOUR_MS);
    assert_int_equal(backoff_delay_ms(1, 500, 90000, 0.9, HOUR_MS + 1), HOUR_MS);
    assert_int_equal(backoff_delay_ms(1, 500, 90000, 0.9, INT64_MAX), HOUR_MS);
}

static void test_odd_bounds(void **state)
{
    (void)state;
    assert_int_equal(backoff_delay_ms(5, 0, 90000, 0.5, NOT_SAID), 0);
    assert_int_equal(backoff_delay_ms(5, 500, 0, 0.5, NOT_SAID), 0);
    assert_int_equal(backoff_delay_ms(1, 5000, 1000, 0.5, NOT_SAID), 500);
    int64_t most = backoff_delay_ms(2000, 1, INT64_MAX / 4, 0.999, NOT_SAID);
    assert_true(most > 0 && most < INT64_MAX / 4);
}

static void test_always_within(void **state)
{
    (void)state;
    struct random r;
    random_init(&r, 7);
    for (int i = 0; i < 20000; i++) {
        int failures = 1 + (int)random_below(&r, 40);
        int64_t delay = backoff_delay_ms(failures, 500, 90000, random_unit(&r), NOT_SAID);
        assert_in_range(delay, 0, 90000);
        if (failures <= 7)
            assert_in_range(delay, 0, 500 << (failures - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ceiling_doubles),   cmocka_unit_test(test_full_jitter),
        cmocka_unit_test(test_server_is_a_floor), cmocka_unit_test(test_odd_bounds),
        cmocka_unit_test(test_always_within),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
