/* currency: digits behind the point, and which codes there are. */
#include "tables/currency.h"
#include "test.h"

#include <string.h>

static void tells_decimals(void **state)
{
    static const char *const none[] = {"JPY", "KRW", "ISK", "CLP", "VND", "UGX",
                                       "PYG", "XAF", "XOF", "XPF", "BIF", "DJF",
                                       "GNF", "KMF", "RWF", "VUV", "UYI"};
    static const char *const three[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
    static const char *const two[] = {"EUR", "USD", "HUF", "", "EU", "EURO", "eur", "jpy"};
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(currency_decimals(none[i], 3), 0);
    for (size_t i = 0; i < sizeof three / sizeof *three; i++)
        assert_int_equal(currency_decimals(three[i], 3), 3);
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        assert_int_equal(currency_decimals(two[i], strlen(two[i])), 2);
    assert_int_equal(currency_decimals("CLF", 3), 4);
    assert_int_equal(currency_decimals("UYW", 3), 4);
}

static void knows_codes(void **state)
{
    static const char *const known[] = {"AED", "CHF", "EUR", "JPY", "SEK", "USD", "XPF", "ZWL"};
    static const char *const unknown[] = {"AAA", "EUX", "ZZZ", "XAU", "eur",
                                          "",    "EU",  "D E", "R E"};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(currency_known(known[i], 3));
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_false(currency_known(unknown[i], strlen(unknown[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_decimals),
        cmocka_unit_test(knows_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
