/* Durations, sizes and counts, read and written: literal values on both sides of every border. */
#include "base/error.h"
#include "base/units.h"
#include "test.h"

#include <string.h>

static void test_duration_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"0", 0},         {"0s", 0},         {"1ms", 1},        {"500ms", 500},
                {"2s", 2000},     {"2 s", 2000},     {"1.5m", 90000},   {"15m", 900000},
                {"3min", 180000}, {"12h", 43200000}, {"5d", 432000000}, {"0.25s", 250},
                {"1S", 1000},     {"007s", 7000}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ms = -1;
        assert_int_equal(duration_parse(good[i].text, &ms), 0);
        assert_int_equal(ms, good[i].ms);
    }
    static const char *const bad[] = {
        "",      "5",    "1",    "s",      "-1s", "+1s",   " 1s", "1x",   "1 s ", "1e3s",
        "0x10s", "infs", "nans", "1.2.3s", "1ss", "1s 2m", ".5s", "1,5s", "1µs",  "99999999999d"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms;
        if (duration_parse(bad[i], &ms) != ERR_FORMAT)
            fail_msg("\"%s\" was read as a duration", bad[i]);
    }
}

static void test_duration_format(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{0, "0 ms"},
                {999, "999 ms"},
                {1000, "1.0 s"},
                {4200, "4.2 s"},
                {9949, "9.9 s"},
                {9950, "10 s"},
                {59499, "59 s"},
                {59500, "1 min 00 s"},
                {65000, "1 min 05 s"},
                {3599499, "59 min 59 s"},
                {3599500, "1 h 00 min"},
                {7800000, "2 h 10 min"},
                {360000000, "100 h 00 min"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[UNITS_TEXT_MAX];
        assert_string_equal(duration_format(rows[i].ms, out), rows[i].text);
    }
    char out[UNITS_TEXT_MAX];
    assert_true(strlen(duration_format(INT64_MAX / 2, out)) < UNITS_TEXT_MAX);
}

static void test_size_format(void **state)
{
    (void)state;
    static const struct {
        int64_t bytes;
        const char *text;
    } rows[] = {{0, "0 bytes"},
                {1, "1 byte"},
                {999, "999 bytes"},
                {1000, "1.0 KB"},
                {9949, "9.9 KB"},
                {9950, "10 KB"},
                {60000, "60 KB"},
                {999499, "999 KB"},
                {999500, "1.0 MB"},
                {1200000, "1.2 MB"},
                {100000000, "100 MB"},
                {2500000000, "2.5 GB"},
                {INT64_C(5000000000000), "5.0 TB"},
                {INT64_C(5000000000000000), "5000 TB"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[UNITS_TEXT_MAX];
        assert_string_equal(size_format(rows[i].bytes, out), rows[i].text);
    }
}

static void test_count_format(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *text;
    } rows[] = {{0, "0"},
                {999, "999"},
                {1000, "1,000"},
                {12345, "12,345"},
                {100000, "100,000"},
                {1000000, "1,000,000"},
                {-1234, "-1,234"},
                {-12, "-12"},
                {INT64_MAX, "9,223,372,036,854,775,807"},
                {INT64_MIN, "-9,223,372,036,854,775,808"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[UNITS_TEXT_MAX];
        assert_string_equal(count_format(rows[i].n, out), rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duration_parse),
        cmocka_unit_test(test_duration_format),
        cmocka_unit_test(test_size_format),
        cmocka_unit_test(test_count_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
