/* Keys of suppliers, numbers, VAT numbers and bank accounts: what is one thing however it is written, and what isn't. */
#include "review/iban.h"
#include "review/keys.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static void expect_supplier(const char *name, const char *expected)
{
    char key[SUPPLIER_KEY_MAX];
    key_supplier(name, strlen(name), key);
    assert_string_equal(key, expected);
}

static void suppliers(void **state)
{
    (void)state;
    expect_supplier("Müller & Söhne GmbH", "mullersohne");
    expect_supplier("MUELLER UND SOEHNE G.m.b.H.", "mullersohne");
    expect_supplier("Mu\xcc\x88ller + So\xcc\x88hne gmbh & Co. KG", "mullersohne");
    expect_supplier("Rossi S.r.l.", "rossi");
    expect_supplier("Rossi s. r. l.", "rossi");
    expect_supplier("ROSSI SRL", "rossi");
    expect_supplier("S.A. Dupont", "dupont");
    expect_supplier("Dupont, société anonyme", "dupontsocieteanonyme");
    expect_supplier("Maersk A/S", "marsk");
    expect_supplier("Mærsk A/S", "marsk");
    expect_supplier("L'Oréal S.A.", "loreal");
    expect_supplier("L’Oréal SA", "loreal");
    expect_supplier("Johnson and Johnson, Inc.", "johnsonjohnson");
    expect_supplier("Ｊｏｈｎｓｏｎ ＆ Johnson", "johnsonjohnson");
    expect_supplier("Łódź Søborg", "lodzsoborg");
    expect_supplier("Straße 7", "strasse7");
    expect_supplier("J.P. Morgan", "jpmorgan");
    expect_supplier("株式会社 東京", "株式会社東京");
    expect_supplier("The Limited Company", "the");
    expect_supplier("Limited Company", "limitedcompany"); /* all the name there is */
    expect_supplier("AG", "ag");
    expect_supplier("", "");
    expect_supplier(" -- ", "");
    expect_supplier("A\xff broken", "a"); /* up to the first byte that isn't UTF-8 */
}

static void a_long_supplier_is_cut_at_a_character(void **state)
{
    char name[400] = "", key[SUPPLIER_KEY_MAX];
    (void)state;
    for (int i = 0; i < 100; i++)
        strcat(name, "京");
    key_supplier(name, strlen(name), key);
    assert_int_equal(strlen(key), 126);
    strcpy(name, "a");
    for (int i = 0; i < 100; i++)
        strcat(name, "京");
    key_supplier(name, strlen(name), key);
    assert_int_equal(strlen(key), 127);
    name[1] = '\0';
    strcat(name, "b");
    for (int i = 0; i < 100; i++)
        strcat(name, "京");
    key_supplier(name, strlen(name), key);
    assert_int_equal(strlen(key), 125);
}

static struct number_key number(const char *text)
{
    struct number_key k;
    key_number(text, strlen(text), &k);
    return k;
}

static void numbers(void **state)
{
    (void)state;
    struct number_key k = number("INV-00123/24"), again;
    assert_string_equal(k.parts, "inv.123.24");
    assert_string_equal(k.whole, "inv0012324");
    assert_string_equal(k.shape, "inv00123/24");
    key_number_of_shape(k.shape, &again);
    assert_string_equal(again.parts, k.parts);
    assert_string_equal(again.whole, k.whole);
    assert_string_equal(number("0000").parts, "0");
    assert_string_equal(number("0000").whole, "0");
    assert_string_equal(number("000-7").whole, "7");
    assert_string_equal(number("１２３").parts, "123");
    assert_string_equal(number("N/A").shape, ""); /* no digit: no number */
    assert_string_equal(number("").shape, "");
    char longest[200];
    memset(longest, '1', sizeof longest);
    longest[NUMBER_SHAPE_MAX - 1] = '\0';
    assert_int_equal(strlen(number(longest).whole), NUMBER_SHAPE_MAX - 1);
    longest[NUMBER_SHAPE_MAX - 1] = '1';
    longest[NUMBER_SHAPE_MAX] = '\0';
    assert_string_equal(number(longest).shape, "");
}

struct pair {
    const char *a, *b;
    bool yes;
};

static void same_numbers(void **state)
{
    static const struct pair pairs[] = {
        {"INV-00123/24", "inv 123-24", true},
        {"2026/004581", "2026004581", true},
        {"INV 2026-0045", "INV20260045", true},
        {"RE-2026/0045", "RE2026-45", true},
        {"№ 17", "no. 017", true},
        {"A-1", "a1", true},
        {"0045", "45", true},
        {"1/12", "11/2", false}, /* the first of December, the eleventh of February */
        {"1-1-12", "11-12", true},
        {"INV-123", "INV-124", false},
        {"INV-123", "123", false},
        {"INV-120", "INV-12", false},
        {"N/A", "N/A", false},
        {"", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct number_key a = number(pairs[i].a), b = number(pairs[i].b);
        if (number_key_same(&a, &b) != pairs[i].yes || number_key_same(&b, &a) != pairs[i].yes)
            fail_msg("%s and %s: expected %d", pairs[i].a, pairs[i].b, pairs[i].yes);
    }
}

static void near_numbers(void **state)
{
    static const struct pair pairs[] = {
        {"INV-1O23", "INV-1023", true},
        {"lNV-7", "INV-7", true},
        {"A1234", "A7234", true},
        {"S-77", "5-77", true},
        {"Z1", "21", true},
        {"B1", "81", true},
        {"G1", "61", true},
        {"G1", "91", true},
        {"U1", "V1", true},
        {"M1", "N1", true},
        {"INV-123", "INV-23", true}, /* a character less */
        {"INV-1234", "INV-1243", true},
        {"INV-123", "INV-123", true},
        {"1NV-0123/24", "INV-123/24", true},
        {"INV-123", "INV-124", false}, /* the next invoice */
        {"INV-100", "INV-200", false},
        {"INV-12345", "INV-123", false},
        {"ab12", "ba21", false},
        {"INV-O0", "INV-0O", true},      /* swapped, and look-alikes */
        {"INV-1O2O", "INV-1020", false}, /* two edits */
        {"", "7", false},
        {"N/A", "N/B", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct number_key a = number(pairs[i].a), b = number(pairs[i].b);
        if (number_key_near(&a, &b) != pairs[i].yes || number_key_near(&b, &a) != pairs[i].yes)
            fail_msg("%s and %s: expected %d", pairs[i].a, pairs[i].b, pairs[i].yes);
    }
}

static void consecutive_numbers_are_never_the_same(void **state)
{
    char a[32], b[32];
    (void)state;
    static const char *const forms[] = {"INV-%d", "%d",      "2026/%04d",
                                        "RE%06d", "%d/2026", "F 26-%d"};
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (int i = 1; i <= 500; i++)
            for (int j = i + 1; j <= 500; j++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                snprintf(a, sizeof a, forms[f], i);
                snprintf(b, sizeof b, forms[f], j);
#pragma GCC diagnostic pop
                if (j > i + 20 && j % 37)
                    continue; /* all near ones, some of the others */
                struct number_key x = number(a), y = number(b);
                if (number_key_same(&x, &y))
                    fail_msg("%s and %s", a, b);
            }
}

static void expect_vat(const char *text, const char *expected)
{
    char key[VAT_KEY_MAX];
    key_vat(text, strlen(text), key);
    assert_string_equal(key, expected);
}

static void vat_numbers(void **state)
{
    (void)state;
    expect_vat("DE 123.456.789", "DE123456789");
    expect_vat("de123456789", "DE123456789");
    expect_vat("FR-40 303 265 045", "FR40303265045");
    expect_vat("\xef\xbc\xa4\xef\xbc\xa5"
               "123456",
               "DE123456");
    expect_vat("n/a", "");
    expect_vat("unknown", "");
    expect_vat("1234", "");
    expect_vat("12345678901234567890123456789012", "");
}

static void expect_iban(const char *text, const char *normal, enum iban_fault fault)
{
    char out[IBAN_MAX], words[IBAN_FAULT_MAX];
    iban_normal(text, strlen(text), out);
    assert_string_equal(out, normal);
    if (iban_check(out, words) != fault)
        fail_msg("%s: %s", text, words);
    assert_int_equal(words[0] != '\0', fault != IBAN_GOOD);
}

static void bank_accounts(void **state)
{
    (void)state;
    expect_iban("DE89 3704 0044 0532 0130 00", "DE89370400440532013000", IBAN_GOOD);
    expect_iban("IBAN: de89\xc2\xa0"
                "3704-0044-0532-0130-00",
                "DE89370400440532013000", IBAN_GOOD);
    expect_iban("GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819", IBAN_GOOD);
    expect_iban("MT84 MALT 0110 0001 2345 MTLC AST0 01S", "MT84MALT011000012345MTLCAST001S",
                IBAN_GOOD);
    expect_iban("NO93 8601 1117 947", "NO9386011117947", IBAN_GOOD);
    expect_iban("DE89 3704 0044 0532 0130 01", "DE89370400440532013001", IBAN_DIGITS);
    expect_iban("DE98 3704 0044 0532 0130 00", "DE98370400440532013000", IBAN_DIGITS);
    expect_iban("DE89 3704 0044 0532 0130 0", "DE8937040044053201300", IBAN_LENGTH);
    expect_iban("US89 3704 0044 0532 0130 00", "US89370400440532013000", IBAN_COUNTRY);
    expect_iban("3704 0044", "37040044", IBAN_FORM);
    expect_iban("DE8", "DE8", IBAN_FORM);
    expect_iban("", "", IBAN_FORM);
    expect_iban("DE89 3704 0044 0532 0130 00 DE89 3704 0044 0532 0130 00",
                "DE89370400440532013000DE893704004405320", IBAN_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suppliers),    cmocka_unit_test(a_long_supplier_is_cut_at_a_character),
        cmocka_unit_test(numbers),      cmocka_unit_test(same_numbers),
        cmocka_unit_test(near_numbers), cmocka_unit_test(consecutive_numbers_are_never_the_same),
        cmocka_unit_test(vat_numbers),  cmocka_unit_test(bank_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
