/* Numbers as JSON writes them, exactly. */
#include "test.h"

#include "base/decimal.h"
#include "base/error.h"

#include <stdlib.h>
#include <string.h>

static struct decimal number(const char *text)
{
    struct decimal d;
    assert_int_equal(decimal_parse(&d, text, strlen(text)), 0);
    return d;
}

static void assert_shows(struct decimal d, int decimals, const char *expected)
{
    char text[DECIMAL_TEXT_MAX];
    assert_string_equal(decimal_format(d, decimals, text), expected);
}

static void what_is_read_is_what_was_written(void **state)
{
    static const struct {
        const char *text;
        int decimals;
        const char *shown;
    } rows[] = {
        {"0", 0, "0"},
        {"0", 2, "0.00"},
        {"-0", 2, "0.00"},
        {"-0.0", 0, "0"},
        {"195.0", 0, "195"},
        {"195.0", 2, "195.00"},
        {"1881.3", 2, "1881.30"},
        {"1881.345", 2, "1881.345"},
        {"-282.92", 2, "-282.92"},
        {"0.05", 0, "0.05"},
        {"-0.000000000000000001", 2, "-0.000000000000000001"},
        {"999999999999999999", 0, "999999999999999999"},
        {"9999999999999999.99", 2, "9999999999999999.99"},
        {"1e5", 0, "100000"},
        {"1E-7", 0, "0.0000001"},
        {"1.50e1", 2, "15.00"},
        {"12.5e+1", 0, "125"},
        {"0e99999999999", 0, "0"},
        {"100000000000000000.000000000000000000", 0, "100000000000000000"},
        {"0.1000000000000000000000000", 0, "0.1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_shows(number(rows[i].text), rows[i].decimals, rows[i].shown);
}

static void what_is_no_number(void **state)
{
    static const char *const texts[] = {"",         "-",  ".5",  "5.",    "01",  "1,5",
                                        "1.234,50", "+1", "1e",  "1e+",   "0x1", "1.2.3",
                                        " 1",       "1 ", "NaN", "1e1.5", "--1"};
    struct decimal d;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(decimal_parse(&d, texts[i], strlen(texts[i])), ERR_FORMAT);
}

static void what_cannot_be_computed_with(void **state)
{
    static const char *const texts[] = {"1234567890123456789",
                                        "1e18",
                                        "1e400",
                                        "1e-19",
                                        "1e-400",
                                        "0.1234567890123456789",
                                        "12345678901234567.89",
                                        "1e99999999999999999999"};
    struct decimal d;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(decimal_parse(&d, texts[i], strlen(texts[i])), ERR_LIMIT);
}

static void sums_and_differences(void **state)
{
    struct decimal d;
    (void)state;
    assert_int_equal(decimal_add(&d, number("2145"), number("193.2")), 0);
    assert_shows(d, 2, "2338.20");
    assert_int_equal(decimal_add(&d, number("0.1"), number("0.2")), 0);
    assert_int_equal(decimal_compare(d, number("0.3")), 0);
    assert_int_equal(decimal_subtract(&d, number("1e-18"), number("1e17")), 0);
    assert_shows(d, 0, "-99999999999999999.999999999999999999");
    assert_int_equal(decimal_subtract(&d, number("0.7"), number("0.7")), 0);
    assert_int_equal(decimal_sign(d), 0);
}

static void products(void **state)
{
    struct decimal d;
    (void)state;
    assert_int_equal(decimal_multiply(&d, number("31.5"), number("0.05")), 0);
    assert_shows(d, 2, "1.575");
    assert_int_equal(
        decimal_multiply(&d, number("-999999999999999999"), number("999999999999999999")), 0);
    assert_shows(d, 0, "-999999999999999998000000000000000001");
    struct decimal large = d;
    assert_int_equal(decimal_multiply(&d, large, number("1000")), ERR_LIMIT);
    assert_shows(d, 0, "-999999999999999998000000000000000001");
}

static void a_sum_that_does_not_fit(void **state)
{
    struct decimal d = number("999999999999999999"), sum;
    (void)state;
    assert_int_equal(decimal_multiply(&d, d, d), 0);
    assert_int_equal(decimal_multiply(&d, d, number("100")), 0);
    assert_int_equal(decimal_add(&sum, d, d), ERR_LIMIT);
}

static void comparisons_are_exact(void **state)
{
    struct decimal small, large;
    (void)state;
    assert_int_equal(decimal_compare(number("1.10"), number("1.1")), 0);
    assert_true(decimal_compare(number("-1"), number("0.5")) < 0);
    assert_true(decimal_compare(number("2"), number("1.99999999999999999")) > 0);
    assert_int_equal(decimal_multiply(&small, number("1e-18"), number("1e-18")), 0);
    assert_int_equal(decimal_multiply(&large, number("1e17"), number("1e17")), 0);
    assert_true(decimal_compare(large, small) > 0);
    assert_true(decimal_compare(small, large) < 0);
    assert_true(decimal_compare(decimal_negate(large), small) < 0);
    assert_true(decimal_compare(small, decimal_negate(large)) > 0);
}

static void half_goes_away_from_zero(void **state)
{
    (void)state;
    assert_shows(decimal_round(number("9.745"), 2), 2, "9.75");
    assert_shows(decimal_round(number("-9.745"), 2), 2, "-9.75");
    assert_shows(decimal_round(number("9.7449"), 2), 2, "9.74");
    assert_shows(decimal_round(number("0.5"), 0), 0, "1");
    assert_shows(decimal_round(number("9.7"), 2), 2, "9.70");
    assert_int_equal(decimal_places(number("9.700")), 1);
    assert_int_equal(decimal_sign(decimal_abs(number("-1"))), 1);
    assert_shows(decimal_of(-1205, 2), 2, "-12.05");
}

static void assert_grouped(const char *text, int decimals, const char *expected)
{
    char grouped[DECIMAL_GROUPED_MAX];
    assert_string_equal(decimal_format_grouped(number(text), decimals, grouped), expected);
}

static void in_groups_of_three(void **state)
{
    (void)state;
    assert_grouped("0", 2, "0.00");
    assert_grouped("999", 0, "999");
    assert_grouped("1000", 0, "1,000");
    assert_grouped("-1234567.5", 2, "-1,234,567.50");
    assert_grouped("999999999999999999", 2, "999,999,999,999,999,999.00");
    assert_grouped("0.1234", 2, "0.1234");
}

static void assert_plain(const char *text, const char *expected)
{
    struct buffer b;
    buffer_init(&b, 0);
    number_plain(&b, text, strlen(text));
    assert_string_equal(buffer_text(&b), expected);
    buffer_release(&b);
}

static void plain_text_of_any_number(void **state)
{
    char digits[402], exponent[402];
    (void)state;
    assert_plain("1881.30", "1881.30");
    assert_plain("12345678901234567890123", "12345678901234567890123");
    assert_plain("-0", "0");
    assert_plain("-0.00", "0.00");
    assert_plain("-0.50", "-0.50");
    assert_plain("1e5", "100000");
    assert_plain("1E-7", "0.0000001");
    assert_plain("-1.50E1", "-15.0");
    assert_plain("0.05e1", "0.5");
    assert_plain("0.5e3", "500");
    assert_plain("123e-2", "1.23");
    assert_plain("123e-3", "0.123");
    assert_plain("1.2300e2", "123.00");
    assert_plain("-0e5", "0");
    assert_plain("1e2000", "1e2000");
    assert_plain("no number", "no number");
    memset(digits, '7', 400);
    digits[400] = '\0';
    assert_plain(digits, digits);
    memset(exponent, '0', 401);
    exponent[0] = '1';
    exponent[401] = '\0';
    assert_plain("1e400", exponent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_what_was_written),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(what_cannot_be_computed_with),
        cmocka_unit_test(sums_and_differences),
        cmocka_unit_test(products),
        cmocka_unit_test(a_sum_that_does_not_fit),
        cmocka_unit_test(comparisons_are_exact),
        cmocka_unit_test(half_goes_away_from_zero),
        cmocka_unit_test(in_groups_of_three),
        cmocka_unit_test(plain_text_of_any_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
