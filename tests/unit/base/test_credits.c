/* Amounts of credits: what may be written, exactly what is kept, and how it is shown. */
#include "base/credits.h"

#include "test.h"

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t micro;
    } good[] = {{"0", 0},
                {"1", 1000000},
                {"1.0", 1000000},
                {"0.1", 100000},
                {"0.000001", 1},
                {"12.345678", 12345678},
                {"007", 7000000},
                {"1000000000000", 1000000000000000000},
                {"999999999999.999999", 999999999999999999}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct credits c = {-1};
        assert_int_equal(credits_parse(good[i].text, &c), 0);
        assert_int_equal(c.micro, good[i].micro);
    }
    static const char *const bad[] = {"",          ".5",   "5.",  "-1",    "+1",   " 1",
                                      "1 ",        "1,5",  "1e3", "1.2.3", "0x1",  "inf",
                                      "0.0000001", "none", "1.",  "..",    "1..2", "1.0000000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct credits c;
        if (credits_parse(bad[i], &c) != ERR_FORMAT)
            fail_msg("\"%s\" was read as an amount", bad[i]);
    }
    static const char *const much[] = {"1000000000000.000001", "1000000000001", "10000000000000",
                                       "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof much / sizeof *much; i++) {
        struct credits c;
        assert_int_equal(credits_parse(much[i], &c), ERR_LIMIT);
    }
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        int64_t micro;
        const char *plain, *people;
    } rows[] = {{0, "0", "0"},
                {1000000, "1", "1"},
                {12345000000, "12345", "12,345"},
                {12500000, "12.5", "12.5"},
                {1, "0.000001", "0.000001"},
                {1234567100000, "1234567.1", "1,234,567.1"},
                {1000001, "1.000001", "1.000001"},
                {-500000, "-0.5", "-0.5"},
                {-1500000, "-1.5", "-1.5"},
                {-2000000, "-2", "-2"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[CREDITS_TEXT_MAX];
        struct credits c = {rows[i].micro};
        assert_string_equal(credits_plain(c, text), rows[i].plain);
        assert_string_equal(credits_format(c, text), rows[i].people);
    }
}

/* Ten times a tenth is one, a million times. */
static void test_nothing_drifts(void **state)
{
    (void)state;
    struct credits tenth, sum = {0};
    assert_int_equal(credits_parse("0.1", &tenth), 0);
    for (int i = 0; i < 10000000; i++)
        sum = credits_add(sum, tenth);
    assert_int_equal(sum.micro, credits_of(1000000).micro);
    assert_int_equal(credits_for(3, tenth).micro, 300000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_nothing_drifts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
