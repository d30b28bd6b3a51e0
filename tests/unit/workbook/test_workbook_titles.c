/* Headers that a person reads, and names of sheets that Excel takes. */
#include "workbook/workbook_titles.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static void headers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *header;
    } cases[] = {
        {"supplier_name", "Supplier name"},
        {"supplier_address.city", "Supplier address \xc2\xb7 city"},
        {"supplier_payment_details.iban", "Supplier payment details \xc2\xb7 IBAN"},
        {"po_number", "PO number"},
        {"locale.currency", "Currency"},
        {"total_amount#confidence", "Total amount (confidence)"},
        {"total_amount#page", "Total amount (page)"},
        {"matrix.#", "Matrix \xc2\xb7 list"},
        {"a%2Eb%25", "A.b%"},
        {"%5Fprivate", "_private"},
        {"%64ocuments", "Documents"},
        {"\xc3\xa4nderung", "\xc3\xa4nderung"},
        {"___", "___"},
        {"_record", "Record"},
        {"_n", "No."},
        {"_stored_at", "Stored at (UTC)"},
        {"_sha256", "SHA-256"},
        {"", ""},
        {"a..b", "A \xc2\xb7  \xc2\xb7 b"},
    };
    struct buffer out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        workbook_header(&out, cases[i].name);
        assert_string_equal(buffer_text(&out), cases[i].header);
    }
    buffer_release(&out);
}

static void expect_name(struct sheet_names *s, const char *wanted, bool ours, const char *expected)
{
    char name[SHEET_NAME_MAX];
    sheet_name_take(s, wanted, ours, name);
    assert_string_equal(name, expected);
}

static void names_of_ours_are_kept_for_ours(void **state)
{
    (void)state;
    struct sheet_names s = {0};
    expect_name(&s, "Summary", true, "Summary");
    expect_name(&s, "Invoices", true, "Invoices");
    expect_name(&s, "Invoices", false, "Invoices list");
    expect_name(&s, "summary", false, "summary list");
    expect_name(&s, "Review", false, "Review list");
    expect_name(&s, "CREDITS", false, "CREDITS list");
    expect_name(&s, "History", false, "History list");
    expect_name(&s, "Documents", false, "Documents list");
    expect_name(&s, "Line items", false, "Line items");
    sheet_names_release(&s);
}

static void names_are_unique_whatever_their_case(void **state)
{
    (void)state;
    struct sheet_names s = {0};
    expect_name(&s, "Line items", false, "Line items");
    expect_name(&s, "LINE ITEMS", false, "LINE ITEMS (2)");
    expect_name(&s, "Line items", false, "Line items (3)");
    expect_name(&s, "\xc3\x84pfel", false, "\xc3\x84pfel");
    expect_name(&s, "\xc3\xa4pfel", false, "\xc3\xa4pfel (2)");
    expect_name(&s, "\xd0\x96", false, "\xd0\x96");
    expect_name(&s, "\xd0\xb6", false, "\xd0\xb6 (2)");
    sheet_names_release(&s);
}

static void signs_that_a_name_cannot_have(void **state)
{
    (void)state;
    struct sheet_names s = {0};
    expect_name(&s, "a[b]:c*d?e/f\\g", false, "a-b--c-d-e-f-g");
    expect_name(&s, "'quoted'", false, "\xe2\x80\x99quoted\xe2\x80\x99");
    expect_name(&s, "  a\nb\t ", false, "a b");
    expect_name(&s, "\x01\xff", false, "\xef\xbf\xbd\xef\xbf\xbd");
    expect_name(&s, "", false, "List");
    expect_name(&s, "   ", false, "List (2)");
    sheet_names_release(&s);
}

static void names_that_look_like_cells(void **state)
{
    (void)state;
    struct sheet_names s = {0};
    static const char *const likely[] = {"Tax1", "A1", "XFD1048576", "R1C1",     "R",
                                         "c",    "Rc", "2026",       "1st half", ".a"};
    for (size_t i = 0; i < sizeof likely / sizeof *likely; i++) {
        char expected[40];
        snprintf(expected, sizeof expected, "%s list", likely[i]);
        expect_name(&s, likely[i], false, expected);
    }
    expect_name(&s, "Taxes", false, "Taxes");
    expect_name(&s, "Taxes1", false, "Taxes1");
    sheet_names_release(&s);
}

static void long_names_are_cut(void **state)
{
    (void)state;
    struct sheet_names s = {0};
    expect_name(&s, "1234567890a 234567890b 234567890 c", false, "1234567890a 234567890b 234 list");
    expect_name(&s, "A234567890b234567890c234567890d", false, "A234567890b234567890c234567890d");
    expect_name(&s, "A234567890b234567890c234567890d2", false, "A234567890b234567890c234567 (2)");
    expect_name(&s, "A234567890b234567890c23456789 xyz", false, "A234567890b234567890c23456789 x");
    char wide[4 * 40 + 1] = "", name[SHEET_NAME_MAX];
    for (int i = 0; i < 40; i++)
        strcat(wide, "\xf0\x9f\xa7\xbe");
    for (int i = 0; i < 12; i++) { /* each cut at a character, and none like another */
        sheet_name_take(&s, wide, false, name);
        assert_true(strlen(name) < SHEET_NAME_MAX);
        assert_memory_equal(name, wide, 32);
    }
    expect_name(
        &s, wide, false,
        "\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe"
        "\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe\xf0\x9f\xa7\xbe (13)");
    sheet_names_release(&s);
}

static void many_small_letters_do_not_run_out(void **state)
{
    (void)state;
    struct sheet_names s = {0};
    char wide[2 * 40 + 1] = "", first[SHEET_NAME_MAX], second[SHEET_NAME_MAX];
    for (int i = 0; i < 40; i++)
        strcat(wide, "\xd0\x96");
    sheet_name_take(&s, wide, false, first);
    sheet_name_take(&s, wide, false, second);
    assert_int_equal(strlen(first), 50);
    assert_string_equal(second + strlen(second) - 4, " (2)");
    sheet_names_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),
        cmocka_unit_test(names_of_ours_are_kept_for_ours),
        cmocka_unit_test(names_are_unique_whatever_their_case),
        cmocka_unit_test(signs_that_a_name_cannot_have),
        cmocka_unit_test(names_that_look_like_cells),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(many_small_letters_do_not_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
