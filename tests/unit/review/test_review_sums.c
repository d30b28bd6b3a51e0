/* Sums and products of a record: for each check what just fails and what just passes, at 0, 2, 3 and 4 decimals,
 * for credit notes, and at 18 digits. */
#include "record_fixture.h"
#include "test.h"

#include <string.h>

struct row {
    const char *fields, *found;
};

static void expect(const struct row *rows, size_t count)
{
    struct record_fixture f;
    record_fixture_init(&f);
    for (size_t i = 0; i < count; i++) {
        const char *told = record_fixture_check(&f, rows[i].fields);
        if (strcmp(told, rows[i].found) != 0) {
            record_fixture_tell(&f, true);
            fail_msg("%s\n  found    %s\n  expected %s", rows[i].fields, buffer_text(&f.told),
                     rows[i].found);
        }
    }
    record_fixture_release(&f);
}
#define EXPECT(rows) expect(rows, sizeof(rows) / sizeof *(rows))

#define EUR "locale: {currency: 'EUR'}, "
#define JPY "locale: {currency: 'JPY'}, "
#define KWD "locale: {currency: 'KWD'}, "
#define CLF "locale: {currency: 'CLF'}, "
#define CHF "locale: {currency: 'CHF'}, "

static void totals(void **state)
{
    static const struct row rows[] = {
        {"{" EUR "total_net: 100, total_tax: 19.0, total_amount: 119.01}", ""},
        {"{" EUR "total_net: 100, total_tax: 19.0, total_amount: 119.02}",
         "total-sum total_amount 0.02"},
        {"{" EUR "total_net: 100, total_tax: 19.0, total_amount: 118.99}", ""},
        {"{" EUR "total_net: 100, total_tax: 19.0, total_amount: 118.98}",
         "total-sum total_amount -0.02"},
        {"{" JPY "total_net: 1000, total_tax: 100, total_amount: 1101}", ""},
        {"{" JPY "total_net: 1000, total_tax: 100, total_amount: 1102}",
         "total-sum total_amount 2"},
        {"{" KWD "total_net: 10, total_tax: 0.5, total_amount: 10.501}", ""},
        {"{" KWD "total_net: 10, total_tax: 0.5, total_amount: 10.502}",
         "total-sum total_amount 0.002"},
        {"{" CLF "total_net: 10, total_tax: 0.5, total_amount: 10.5001}", ""},
        {"{" CLF "total_net: 10, total_tax: 0.5, total_amount: 10.5002}",
         "total-sum total_amount 0.0002"},
        {"{" EUR
         "document_type: 'CREDIT NOTE', total_net: -100, total_tax: -19, total_amount: -119.01}",
         ""},
        {"{" EUR
         "document_type: 'credit_note', total_net: -100, total_tax: -19, total_amount: -119.02}",
         "total-sum total_amount -0.02"},
        {"{" EUR "total_net: 100, total_tax: 19, tips_gratuity: 10, total_amount: 129.01}", ""},
        {"{" EUR "total_net: 100, total_tax: 19, tips_gratuity: 10, total_amount: 119.01}", ""},
        {"{" EUR "total_net: 100, total_tax: 19, tips_gratuity: 10, total_amount: 129.02}",
         "total-sum total_amount 0.02"},
        /* amounts of more decimals are compared as they are */
        {"{" EUR "total_net: 100, total_tax: 19.0, total_amount: 119.0101}",
         "total-sum total_amount 0.0101"},
        /* binary noise is within the tolerance */
        {"{" EUR "total_net: 0.1, total_tax: 0.2, total_amount: 0.30000000000000004}", ""},
        /* 18 digits */
        {"{" EUR
         "total_net: 9999999999999999.98, total_tax: 0.01, total_amount: 9999999999999999.98}",
         ""},
        {"{" EUR
         "total_net: 9999999999999999.97, total_tax: 0.01, total_amount: 9999999999999999.96}",
         "total-sum total_amount -0.02"},
        {"{" EUR
         "total_net: 19999999999999999.98, total_tax: 0.01, total_amount: 19999999999999999.96}",
         "not-computable total_net; not-computable total_amount"},
        /* with a null there's nothing to compare */
        {"{" EUR "total_net: null, total_tax: 19, total_amount: 119.02}", ""},
        {"{" EUR "total_net: 100, total_tax: null, total_amount: 119.02}", ""},
        {"{" EUR "total_net: 100, total_tax: 19, total_amount: null}",
         "required-missing total_amount"},
        /* numbers as texts are numbers, but not as people write them elsewhere */
        {"{" EUR "total_net: '100.00', total_tax: 19, total_amount: 119.02}",
         "total-sum total_amount 0.02"},
        {"{" EUR "total_net: '1.234,50', total_tax: 19, total_amount: 119.02}",
         "not-computable total_net"},
        /* an unknown currency has two decimals */
        {"{total_net: 100, total_tax: 19, total_amount: 119.01}", ""},
        {"{total_net: 100, total_tax: 19, total_amount: 119.02}", "total-sum total_amount 0.02"},
    };
    (void)state;
    EXPECT(rows);
}

static void cash_rounding(void **state)
{
    static const struct row rows[] = {
        {"{" CHF "total_net: 92.83, total_tax: 7.15, total_amount: 100}",
         "total-rounded total_amount 0.02"},
        {"{" CHF "total_net: 92.825, total_tax: 7.15, total_amount: 100}",
         "total-rounded total_amount 0.025"},
        {"{" CHF "total_net: 92.82, total_tax: 7.15, total_amount: 100}",
         "total-sum total_amount 0.03"},
        {"{" CHF "total_net: 92.84, total_tax: 7.15, total_amount: 100.01}",
         "total-sum total_amount 0.02"},
        {"{" CHF
         "document_type: 'credit', total_net: -92.83, total_tax: -7.15, total_amount: -100}",
         "total-rounded total_amount -0.02"},
        {"{" EUR "total_net: 92.83, total_tax: 7.15, total_amount: 100}",
         "total-sum total_amount 0.02"},
        {"{locale: {currency: 'SEK'}, total_net: 80, total_tax: 20.5, total_amount: 101}",
         "total-rounded total_amount 0.50"},
        {"{locale: {currency: 'SEK'}, total_net: 80, total_tax: 20.49, total_amount: 101}",
         "total-sum total_amount 0.51"},
        {"{locale: {currency: 'HUF'}, total_net: 1000, total_tax: 272.5, total_amount: 1275}",
         "total-rounded total_amount 2.50"},
        {"{locale: {currency: 'HUF'}, total_net: 1000, total_tax: 272.5, total_amount: 1274}",
         "total-sum total_amount 1.50"},
        {"{locale: {currency: 'NZD'}, total_net: 10, total_tax: 1.55, total_amount: 11.6}",
         "total-rounded total_amount 0.05"},
        {"{" CHF "total_net: 92.83, total_tax: 7.15, tips_gratuity: 5, total_amount: 105}",
         "total-rounded total_amount 0.02"},
    };
    (void)state;
    EXPECT(rows);
}

#define THREE(a) "line_items: [{total_price: " a "}, {total_price: " a "}, {total_price: " a "}]"

static void lines(void **state)
{
    static const struct row rows[] = {
        {"{" EUR "total_net: 100, " THREE("33.33") "}", ""}, /* 0.01 <= 0.02 */
        {"{" EUR "total_net: 100.01, " THREE("33.33") "}", ""},
        {"{" EUR "total_net: 100.02, " THREE("33.33") "}", "lines-sum line_items -0.03"},
        {"{" JPY "total_net: 101, " THREE("33") "}", ""},
        {"{" JPY "total_net: 102, " THREE("33") "}", "lines-sum line_items -3"},
        {"{" KWD "total_net: 1.001, " THREE("0.333") "}", ""},
        {"{" KWD "total_net: 1.002, " THREE("0.333") "}", "lines-sum line_items -0.003"},
        {"{" EUR "document_type: 'credit', total_net: -100.01, " THREE("-33.33") "}", ""},
        {"{" EUR "document_type: 'credit', total_net: -100.02, " THREE("-33.33") "}",
         "lines-sum line_items 0.03"},
        {"{" EUR "total_net: 499999999999999999, line_items: [{total_price: 499999999999999999}]}",
         ""},
        {"{" EUR "total_net: 499999999999999998, line_items: [{total_price: 499999999999999999}]}",
         "lines-sum line_items 1.00"},
        /* the total instead, or with each line's tax, or the tip */
        {"{" EUR "total_net: 80, total_amount: 100, " THREE("33.33") "}", ""},
        {"{" EUR
         "total_net: 70, total_amount: 110, line_items: [{total_price: 60, tax_amount: 12}, "
         "{total_price: 32, tax_amount: 6}]}",
         ""},
        {"{" EUR
         "total_net: 70, total_amount: 110, line_items: [{total_price: 60, tax_amount: 12}, "
         "{total_price: 32, tax_amount: 6.02}]}",
         "lines-sum line_items 22.00"},
        {"{" EUR
         "total_net: null, total_amount: 110, tips_gratuity: 10, line_items: [{total_price: 100}]}",
         ""},
        {"{" EUR
         "total_net: null, total_tax: 20, total_amount: 120, line_items: [{total_price: 100}]}",
         ""},
        {"{" EUR
         "total_net: 90, total_tax: 20, total_amount: 120, line_items: [{total_price: 100}]}",
         "total-sum total_amount 10.00; lines-sum line_items 10.00"},
        /* nothing to compare */
        {"{" EUR "total_net: 80, line_items: [{total_price: 1}, {total_price: null}]}", ""},
        {"{" EUR "total_net: 80, line_items: []}", ""},
        {"{" EUR "total_net: null, line_items: [{total_price: 1}]}", ""},
    };
    (void)state;
    EXPECT(rows);
}

#define LINE(q, p, a) "line_items: [{quantity: " q ", unit_price: " p ", total_price: " a "}]"

static void products(void **state)
{
    static const struct row rows[] = {
        {"{" EUR LINE("3", "2100", "2100") "}", "line-product line_items[1] -4200.00"},
        {"{" EUR LINE("7", "14.29", "100") "}", ""}, /* 100.03: 0.03 <= 0.005 + 0.035 */
        {"{" EUR LINE("7", "14.29", "99.99") "}", ""},
        {"{" EUR LINE("7", "14.29", "99.98") "}", "line-product line_items[1] -0.05"},
        {"{" EUR LINE("1", "14.29", "14.3") "}", ""},
        {"{" EUR LINE("1", "14.29", "14.31") "}", "line-product line_items[1] 0.02"},
        /* a price of more decimals leaves less room */
        {"{" EUR LINE("100", "0.1234", "12.35") "}", ""},
        {"{" EUR LINE("100", "0.1234", "12.36") "}", "line-product line_items[1] 0.02"},
        {"{" EUR LINE("100", "0.12", "12.5") "}", ""},
        {"{" EUR LINE("100", "0.12", "12.51") "}", "line-product line_items[1] 0.51"},
        {"{" JPY LINE("3", "33", "101") "}", ""}, /* 2 <= 0.5 + 1.5 */
        {"{" JPY LINE("3", "33", "102") "}", "line-product line_items[1] 3"},
        {"{" KWD LINE("3", "0.333", "1.001") "}", ""},
        {"{" KWD LINE("3", "0.333", "1.002") "}", "line-product line_items[1] 0.003"},
        {"{" EUR LINE("-7", "14.29", "-100") "}", ""},
        {"{" EUR LINE("-7", "14.29", "-99.98") "}", "line-product line_items[1] 0.05"},
        {"{" EUR LINE("1", "999999999999999999", "999999999999999999") "}", ""},
        {"{" EUR LINE("1", "999999999999999999", "999999999999999998") "}",
         "line-product line_items[1] -1.00"},
        {"{" EUR LINE("0.000000000000000001", "999999999999999999", "1") "}", ""},
        /* a whole unit, however small the quantity */
        {"{" EUR LINE("0.5", "0.0001", "0.01") "}", ""},
        /* with tax in the amount, the rate as a fraction or in percent */
        {"{" EUR "line_items: [{quantity: 2, unit_price: 50, total_price: 120, tax_rate: 0.2}]}",
         ""},
        {"{" EUR "line_items: [{quantity: 2, unit_price: 50, total_price: 120, tax_rate: 20}]}",
         ""},
        {"{" EUR "line_items: [{quantity: 2, unit_price: 50, total_price: 120.02, tax_rate: 20}]}",
         "line-product line_items[1] 20.02"},
        {"{" EUR "line_items: [{quantity: 999999999999999999, unit_price: 999999999999999.999, "
         "total_price: 1}]}",
         "line-product line_items[1] -999999999999999997999999999999999.001"},
        /* each line by itself */
        {"{" EUR
         "line_items: [{quantity: 2, unit_price: 5, total_price: 10}, {quantity: 2, unit_price: 5, "
         "total_price: 11}]}",
         "line-product line_items[2] 1.00"},
        {"{" EUR "line_items: [{quantity: null, unit_price: 5, total_price: 11}]}", ""},
        {"{" EUR "line_items: [{quantity: 'two', unit_price: 5, total_price: 11}]}",
         "not-computable line_items[1].quantity"},
    };
    (void)state;
    EXPECT(rows);
}

#define TAXES(a, b)  "taxes: [{amount: " a "}, {amount: " b "}]"
#define TAX(b, r, a) "taxes: [{base: " b ", rate: " r ", amount: " a "}]"

static void taxes(void **state)
{
    static const struct row rows[] = {
        {"{" EUR "total_tax: 10, " TAXES("5", "5.02") "}", ""},
        {"{" EUR "total_tax: 10, " TAXES("5", "5.03") "}", "taxes-sum taxes 0.03"},
        {"{" JPY "total_tax: 10, " TAXES("5", "7") "}", ""},
        {"{" JPY "total_tax: 10, " TAXES("5", "8") "}", "taxes-sum taxes 3"},
        {"{" KWD "total_tax: 10, " TAXES("5", "5.002") "}", ""},
        {"{" KWD "total_tax: 10, " TAXES("5", "5.003") "}", "taxes-sum taxes 0.003"},
        {"{" EUR "total_tax: -10, " TAXES("-5", "-5.02") "}", ""},
        {"{" EUR "total_tax: -10, " TAXES("-5", "-5.03") "}", "taxes-sum taxes -0.03"},
        {"{" EUR "total_tax: 9999999999999999.99, taxes: [{amount: 9999999999999999.98}]}", ""},
        {"{" EUR "total_tax: 9999999999999999.99, taxes: [{amount: 9999999999999999.97}]}",
         "taxes-sum taxes -0.02"},
        {"{" EUR "total_tax: 10, " TAXES("5", "null") "}", ""},
        {"{" EUR "total_tax: 10, taxes: []}", ""},
        /* bases */
        {"{" EUR "total_net: 100, taxes: [{base: 50}, {base: 50.02}]}", ""},
        {"{" EUR "total_net: 100, taxes: [{base: 50}, {base: 50.03}]}", "bases-sum taxes 0.03"},
        {"{" JPY "total_net: 100, taxes: [{base: 101}]}", ""},
        {"{" JPY "total_net: 100, taxes: [{base: 102}]}", "bases-sum taxes 2"},
        {"{" KWD "total_net: -100, taxes: [{base: -100.001}]}", ""},
        {"{" KWD "total_net: -100, taxes: [{base: -100.002}]}", "bases-sum taxes -0.002"},
        {"{" EUR "total_net: 100, taxes: [{base: 50}, {base: null}]}", ""},
        /* products */
        {"{" EUR TAX("31.5", "0.05", "9.75") "}", "tax-product taxes[1] 8.175"},
        {"{" EUR TAX("489.97", "0.2", "97.98") "}", ""},
        {"{" EUR TAX("489.97", "20", "97.98") "}", ""},
        {"{" EUR TAX("100", "0.2", "20.02") "}", ""},
        {"{" EUR TAX("100", "0.2", "20.03") "}", "tax-product taxes[1] 0.03"},
        {"{" EUR TAX("100", "0.2", "20.021") "}", "tax-product taxes[1] 0.021"},
        {"{" EUR TAX("100", "5.5", "5.52") "}", ""},
        {"{" EUR TAX("100", "5.5", "5.53") "}", "tax-product taxes[1] 0.03"},
        {"{" EUR TAX("100", "1", "1") "}", ""}, /* one percent */
        {"{" EUR TAX("100", "1", "100") "}", ""},
        {"{" EUR TAX("100", "1", "2") "}", "tax-product taxes[1] -98.00"},
        {"{" JPY TAX("100", "0.1", "12") "}", ""},
        {"{" JPY TAX("100", "0.1", "13") "}", "tax-product taxes[1] 3"},
        {"{" KWD TAX("1", "0.05", "0.052") "}", ""},
        {"{" KWD TAX("1", "0.05", "0.053") "}", "tax-product taxes[1] 0.003"},
        {"{" EUR TAX("-100", "0.2", "-20.02") "}", ""},
        {"{" EUR TAX("-100", "0.2", "-20.03") "}", "tax-product taxes[1] -0.03"},
        {"{" EUR TAX("999999999999999999", "0.1", "99999999999999999.9") "}", ""},
        {"{" EUR TAX("999999999999999999", "0.1", "99999999999999999.8") "}",
         "tax-product taxes[1] -0.10"},
        {"{" EUR TAX("100", "null", "20.03") "}", ""},
        /* exempt */
        {"{" EUR TAX("100", "0", "0") "}", ""},
    };
    (void)state;
    EXPECT(rows);
}

static void signs(void **state)
{
    static const struct row rows[] = {
        {"{" EUR "total_amount: 0.01}", ""},
        {"{" EUR "total_amount: 0}", "total-zero total_amount"},
        {"{" EUR "total_amount: -0.0}", "total-zero total_amount"},
        {"{" EUR "total_amount: -0.01}", "sign total_amount"},
        {"{" EUR "document_type: 'invoice', total_amount: -1}", "sign total_amount"},
        {"{" EUR "document_type: 'CREDIT NOTE', total_amount: -0.01}", ""},
        {"{" EUR "document_type: 'credit_note', total_amount: 0.01}", "sign total_amount"},
        {"{" EUR
         "document_type: 'credit_note', total_amount: 100, line_items: [{total_price: -100}]}",
         "lines-sum line_items -200.00"}, /* marked by its lines */
        {"{" EUR "document_type: 'credit_note', total_amount: null}",
         "required-missing total_amount"},
        {"{" JPY "total_amount: -1}", "sign total_amount"},
        {"{" KWD "total_amount: -0.001}", "sign total_amount"},
        {"{" EUR "total_amount: -999999999999999999}", "sign total_amount"},
    };
    (void)state;
    EXPECT(rows);
}

static void texts_have_the_figures(void **state)
{
    static const struct row rows[] = {
        {"{" EUR "total_net: 97.31, total_tax: 19.46, total_amount: 116.7}",
         "total-sum total_amount -0.07: 97.31 + 19.46 = 116.77, not 116.70"},
        {"{" EUR "total_net: 97.3, total_tax: 19.4, tips_gratuity: 1, total_amount: 118}",
         "total-sum total_amount 0.30: 97.30 + 19.40 + 1.00 = 117.70, not 118.00"},
        {"{" CHF "total_net: 92.83, total_tax: 7.15, total_amount: 100}",
         "total-rounded total_amount 0.02: 92.83 + 7.15 = 99.98, rounded to 100.00"},
        {"{" EUR
         "total_net: 100, total_amount: 120, line_items: [{quantity: 3, unit_price: 20, total_price: 20}]}",
         "lines-sum line_items -80.00: the lines add up to 20.00, not 100.00 or 120.00; "
         "line-product line_items[1] -40.00: 3 × 20.00 = 60.00, not 20.00"},
        {"{" JPY "total_net: 100, total_tax: 10, taxes: [{base: 90, rate: 10, amount: 20}]}",
         "taxes-sum taxes 10: the taxes add up to 20, not 10; "
         "bases-sum taxes -10: the bases of the taxes add up to 90, not 100; "
         "tax-product taxes[1] 11: 90 × 0.1 = 9, not 20"},
    };
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_fixture_read(&f, rows[i].fields);
        assert_string_equal(record_fixture_tell(&f, true), rows[i].found);
    }
    record_fixture_release(&f);
}

static void tolerance_and_grades(void **state)
{
    static const char *const off[] = {"total-sum", NULL}, *const sign[] = {"sign", NULL};
    static const char two[] = "{" EUR "total_net: 100, total_tax: 19, total_amount: 119.02}";
    struct record_fixture f;
    (void)state;
    record_fixture_init(&f);
    f.options.tolerance = 2;
    assert_string_equal(record_fixture_check(&f, two), "");
    assert_string_equal(
        record_fixture_check(&f, "{total_net: 100, total_tax: 19, total_amount: 119.025}"),
        "total-sum total_amount 0.025");
    f.options.tolerance = 0;
    assert_string_equal(
        record_fixture_check(&f, "{total_net: 100, total_tax: 19, total_amount: 119.01}"),
        "total-sum total_amount 0.01");
    assert_int_equal(f.findings.items[0].severity, SEVERITY_ERROR);
    assert_int_equal(findings_worst(&f.findings), SEVERITY_ERROR);
    check_options_grade(&f.options, off, SEVERITY_WARNING);
    record_fixture_check(&f, two);
    assert_int_equal(f.findings.items[0].severity, SEVERITY_WARNING);
    check_options_grade(&f.options, off, SEVERITY_OFF);
    assert_string_equal(record_fixture_check(&f, two), "");
    check_options_grade(&f.options, sign, SEVERITY_INFO);
    record_fixture_check(&f, "{total_amount: -1}");
    assert_int_equal(findings_worst(&f.findings), SEVERITY_INFO);
    f.options.enabled = false;
    assert_string_equal(record_fixture_check(&f, "{total_amount: -1, date: null}"),
                        "required-missing date");
    record_fixture_release(&f);
}

static void cash_steps(void **state)
{
    static const char *const none[] = {NULL}, *const good[] = {"EUR:0.05", NULL};
    static const char *const bad[][2] = {{"EUR"},   {"EUR:"},   {"EUR:0"},  {"EUR:-1"},
                                         {"eur:1"}, {"EURO:1"}, {"EUR:1,5"}};
    struct record_fixture f;
    struct error e;
    (void)state;
    record_fixture_init(&f);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(check_options_cash(&f.options, bad[i], &e), ERR_USAGE);
    assert_string_equal(e.text, "checks.cash_rounding: EUR:1,5 isn't like CHF:0.05");
    assert_int_equal(check_options_cash(&f.options, good, &e), 0);
    assert_string_equal(
        record_fixture_check(&f, "{" EUR "total_net: 92.83, total_tax: 7.15, total_amount: 100}"),
        "total-rounded total_amount 0.02");
    assert_int_equal(check_options_cash(&f.options, none, &e), 0);
    assert_string_equal(
        record_fixture_check(&f, "{" CHF "total_net: 92.83, total_tax: 7.15, total_amount: 100}"),
        "total-sum total_amount 0.02");
    record_fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals),
        cmocka_unit_test(cash_rounding),
        cmocka_unit_test(lines),
        cmocka_unit_test(products),
        cmocka_unit_test(taxes),
        cmocka_unit_test(signs),
        cmocka_unit_test(texts_have_the_figures),
        cmocka_unit_test(tolerance_and_grades),
        cmocka_unit_test(cash_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
