/* Times of day read and written, and moments that don't overflow. */
#include "base/clock.h"
#include "base/error.h"
#include "test.h"

#include <string.h>

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"1970-01-01T00:00:00Z", 0},
                {"2026-04-20T18:27:58.974451", INT64_C(1776709678974)},
                {"2026-04-20T18:27:58", INT64_C(1776709678000)},
                {"2026-04-20 18:27:58.9Z", INT64_C(1776709678900)},
                {"2026-04-20T20:27:58+02:00", INT64_C(1776709678000)},
                {"2026-04-20T13:57:58-0430", INT64_C(1776709678000)},
                {"2026-04-20T18:27:58.974451+00:00", INT64_C(1776709678974)},
                {"2024-02-29T12:00:00Z", INT64_C(1709208000000)},
                {"2016-12-31T23:59:60Z", INT64_C(1483228800000)}, /* a leap second */
                {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct wall t = {-1};
        assert_int_equal(wall_parse(good[i].text, &t), 0);
        assert_int_equal(t.ms, good[i].ms);
    }
}

static void test_parse_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-04-20",
                                      "2026-04-20T18:27",
                                      "2026-04-20X18:27:58Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-04-31T00:00:00Z",
                                      "2026-04-20T24:00:00Z",
                                      "2026-04-20T18:60:00Z",
                                      "2026-04-20T18:27:61Z",
                                      "2026-04-20T18:27:58z trailing",
                                      "2026-04-20T18:27:58Zx",
                                      "2026-04-20T18:27:58+2",
                                      "2026-04-20T18:27:58+02:00x",
                                      "2026-04-20T18:27:58+-2:00",
                                      "2026-04-20T18:27:58+24:00",
                                      "2026-04-20T18:27:58+02:",
                                      " 2026-04-20T18:27:58Z",
                                      "+2026-04-20T18:27:58Z",
                                      "26-04-20T18:27:58Z",
                                      "1969-12-31T23:59:59Z",
                                      "1970-01-01T00:00:00+01:00",
                                      "9999-12-31T23:59:59-01:00",
                                      "99999-01-01T00:00:00Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wall t = {-1};
        if (wall_parse(bad[i], &t) != ERR_FORMAT)
            fail_msg("\"%s\" was read as a time", bad[i]);
        assert_int_equal(t.ms, -1);
    }
}

static void test_format(void **state)
{
    (void)state;
    char out[WALL_TEXT_MAX];
    assert_string_equal(wall_format((struct wall){0}, out), "1970-01-01T00:00:00Z");
    assert_string_equal(wall_format((struct wall){-1}, out), "1969-12-31T23:59:59Z");
    assert_string_equal(wall_format((struct wall){INT64_C(1776709678974)}, out),
                        "2026-04-20T18:27:58Z");
    assert_true(strlen(wall_format((struct wall){INT64_MAX}, out)) < WALL_TEXT_MAX);
    assert_string_equal(wall_format_at((struct wall){0}, 7200, out), "1970-01-01T02:00:00+02:00");
    assert_string_equal(wall_format_at((struct wall){0}, -12600, out), "1969-12-31T20:30:00-03:30");
    assert_string_equal(wall_format_at((struct wall){0}, 0, out), "1970-01-01T00:00:00+00:00");
    assert_true(strlen(wall_format_at((struct wall){INT64_MAX}, 7200, out)) < WALL_TEXT_MAX);
    assert_true(strlen(wall_format((struct wall){INT64_MIN}, out)) < WALL_TEXT_MAX);
}

static void test_moments(void **state)
{
    (void)state;
    struct mono t = {1000};
    assert_int_equal(mono_add(t, 500).ms, 1500);
    assert_int_equal(mono_add(t, -400).ms, 600);
    assert_int_equal(mono_add(t, INT64_MAX).ms, MONO_NEVER.ms);
    assert_int_equal(mono_add(MONO_NEVER, 1).ms, MONO_NEVER.ms);
    assert_int_equal(mono_diff((struct mono){30}, (struct mono){50}), -20);
    assert_true(mono_reached(t, t));
    assert_false(mono_reached(t, mono_add(t, 1)));
    assert_int_equal(mono_min(t, MONO_NEVER).ms, 1000);
    assert_int_equal(mono_max(t, MONO_NEVER).ms, MONO_NEVER.ms);
}

static void test_system(void **state)
{
    (void)state;
    char boot[40], again[40];
    struct mono before = clock_mono(&system_clock), after = clock_mono(&system_clock);
    assert_true(before.ms > 0 && mono_reached(after, before));
    assert_true(clock_wall(&system_clock).ms > INT64_C(1700000000000));
    clock_boot_id(boot);
    clock_boot_id(again);
    assert_string_equal(boot, again);
    assert_true(strlen(boot) == 0 || strlen(boot) == 36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),  cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_format), cmocka_unit_test(test_moments),
        cmocka_unit_test(test_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
