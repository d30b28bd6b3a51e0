/* What a cell of a workbook can hold: texts, numbers, dates and links at their limits. */
#include "workbook/workbook_cells.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_bytes(const char *text, size_t len, const char *expected)
{
    struct buffer out = {0};
    assert_false(workbook_text(&out, text, len));
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void expect_text(const char *text, const char *expected)
{
    expect_bytes(text, strlen(text), expected);
}

static void what_is_no_formula_stays(void **state)
{
    (void)state;
    static const char *const same[] = {"",       "=HYPERLINK(\"x\")",
                                       "+1",     "@SUM",
                                       "\ta\t",  "00123",
                                       "1e5",    "123E4",
                                       "TRUE",   "#N/A",
                                       "a\nb\n", "\xf0\x9f\xa7\xbe",
                                       "<&>\"'", " a "};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        expect_text(same[i], same[i]);
}

static void line_ends_and_controls(void **state)
{
    (void)state;
    expect_text("a\r\nb\rc\n\r\nd\r", "a\nb\nc\n\nd\n");
    expect_bytes("a\0b", 3,
                 "a\xef\xbf\xbd"
                 "b");
    expect_text("\x01\x08\x0b\x0c\x1f",
                "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    expect_text("\x7f", "\xef\xbf\xbd");
    expect_text("\xc2\x85", "\xef\xbf\xbd"); /* U+0085 */
    expect_text("\xc2\xa0", "\xc2\xa0");     /* a blank that doesn't break */
    expect_text("\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd");
}

static void what_is_not_utf8(void **state)
{
    (void)state;
    expect_text("a\xff"
                "b",
                "a\xef\xbf\xbd"
                "b");
    expect_text("\xc3", "\xef\xbf\xbd");                 /* cut off */
    expect_text("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"); /* too long */
    expect_text("\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    expect_text("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* half a pair */
    expect_text("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void what_excel_would_decode(void **state)
{
    (void)state;
    expect_text("_x0041_", "_x005F_x0041_");
    expect_text("a_x00e4_b", "a_x005F_x00e4_b");
    expect_text("_x0041_x0042_", "_x005F_x0041_x005F_x0042_");
    expect_text("__x0041_", "__x005F_x0041_");
    expect_text("_x005F_", "_x005F_x005F_");
    static const char *const same[] = {"_X0041_", "_x041_", "_x0041", "_x004g_", "_", "x0041_"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        expect_text(same[i], same[i]);
}

/* COUNT times PIECE. */
static char *many(const char *piece, size_t count)
{
    size_t len = strlen(piece);
    char *text = malloc(len * count + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + len * i, piece, len);
    text[len * count] = '\0';
    return text;
}

static void expect_cut(const char *piece, size_t count, size_t kept)
{
    struct buffer out = {0};
    char *text = many(piece, count);
    assert_int_equal(workbook_text(&out, text, strlen(text)), kept < count);
    size_t len = strlen(piece);
    if (kept < count) {
        assert_int_equal(out.len, kept * len + 3);
        assert_string_equal(out.data + kept * len, "\xe2\x80\xa6");
    } else {
        assert_int_equal(out.len, count * len);
    }
    assert_memory_equal(out.data, text, kept * len);
    buffer_release(&out);
    free(text);
}

static void too_long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    expect_cut("a", 32766, 32766);
    expect_cut("a", 32767, 32767);
    expect_cut("a", 32768, 32766);
    expect_cut("a", 1000000, 32766);
    expect_cut("\xc3\xa4", 32767, 32767);
    expect_cut("\xc3\xa4", 32768, 32766);
    expect_cut("\xf0\x9f\xa7\xbe", 16383, 16383); /* two units each */
    expect_cut("\xf0\x9f\xa7\xbe", 16384, 16383);
    expect_cut("\n", 32768, 32766);
}

static void expect_number(const char *text, double expected)
{
    double value = -1;
    assert_true(workbook_number(text, strlen(text), &value));
    if (value != expected)
        fail_msg("%s became %.17g", text, value);
}

static void expect_no_number(const char *text)
{
    double value;
    if (workbook_number(text, strlen(text), &value))
        fail_msg("%s became %.17g", text, value);
}

static void numbers_of_15_digits(void **state)
{
    (void)state;
    expect_number("0", 0);
    expect_number("-0.0", 0);
    expect_number("0e999999", 0);
    expect_number("1881.3", 1881.3);
    expect_number("1881.30", 1881.30);
    expect_number("-282.92", -282.92);
    expect_number("0.05", 0.05);
    expect_number("100.50", 100.5);
    expect_number("1e5", 1e5);
    expect_number("1E-7", 1e-7);
    expect_number("1.50E+1", 15);
    expect_number("123456789012345", 123456789012345.0);
    expect_number("9.99999999999999", 9.99999999999999);
    expect_number("100000000000000000000", 1e20);
    expect_number("0.000000000000000000001", 1e-21);
    expect_number("9.95", 9.95);
    expect_number("9.99999999999999e307", 9.99999999999999e307);
}

/* The short way to a double is the long one's. */
static void numbers_are_the_nearest_doubles(void **state)
{
    (void)state;
    uint64_t seed = 15;
    for (int i = 0; i < 20000; i++) {
        char text[64];
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        long long digits = (long long)(seed >> 20) % (i % 2 ? 1000000 : 1000000000000000);
        snprintf(text, sizeof text, "%s%llde%d", i % 3 ? "" : "-", digits, i % 53 - 26);
        expect_number(text, strtod(text, NULL));
    }
}

static void numbers_that_no_cell_holds(void **state)
{
    (void)state;
    expect_no_number("1234567890123456");
    expect_no_number("12345678901234567890");
    expect_no_number("0.30000000000000004");
    expect_no_number("1000000000000001");
    expect_no_number("1e400");
    expect_no_number("-1e308");
    expect_no_number("1e-308");
    expect_no_number("1e99999999999999999999");
    char *digits = many("7", 400);
    expect_no_number(digits);
    free(digits);
}

static int day_of(const char *text)
{
    int day = -1;
    return workbook_date(text, strlen(text), &day) ? day : -1;
}

static void dates_from_march_1900(void **state)
{
    (void)state;
    assert_int_equal(day_of("1900-03-01"), 61);
    assert_int_equal(day_of("2026-11-30"), 46356);
    assert_int_equal(day_of("2000-02-29"), 36585);
    assert_int_equal(day_of("9999-12-31"), 2958465);
    static const char *const none[] = {"1900-02-28", "1900-02-29",  "1899-12-31", "2026-02-29",
                                       "2026-04-31", "2026-13-01",  "2026-00-10", "2026-01-00",
                                       "2100-02-29", "2026-1-01",   "2026-01-1",  "2026/01/01",
                                       "+026-01-01", "2026-01-01T", "",           "0000-00-00"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (day_of(none[i]) != -1)
            fail_msg("%s became %d", none[i], day_of(none[i]));
}

static void every_day_there_and_back(void **state)
{
    (void)state;
    for (int day = 61; day <= 2958465; day++) {
        int y, m, d;
        char text[48];
        workbook_date_of(day, &y, &m, &d);
        snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, d);
        if (day_of(text) != day)
            fail_msg("day %d is %s, which is day %d", day, text, day_of(text));
    }
}

static void expect_link(const char *directory, const char *file, const char *expected)
{
    struct buffer out = {0};
    assert_true(workbook_link(&out, directory, file));
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void links_are_relative(void **state)
{
    (void)state;
    expect_link("/a/out/exports", "/a/inbox/x.pdf", "../../inbox/x.pdf");
    expect_link("/a/out/exports", "/a/out/exports/x.pdf", "x.pdf");
    expect_link("/a/out/exports/", "/a/./out//exports/b/x.pdf", "b/x.pdf");
    expect_link("/a/exp", "/a/exports/x.pdf", "../exports/x.pdf");
    expect_link("/a/b", "/a/../c/x.pdf", "../../c/x.pdf"); /* what .. leads to isn't guessed */
    expect_link("/", "/x", "x");
}

static void links_are_encoded(void **state)
{
    (void)state;
    expect_link("/a", "/a/o'brien #1/scan 50%:?.pdf", "o%27brien%20%231/scan%2050%25%3A%3F.pdf");
    expect_link("/a", "/a/\xc3\xa4\xff\\.pdf", "%C3%A4%FF%5C.pdf");
    expect_link("/a", "/a/internal:x", "internal%3Ax");
}

static void links_that_cannot_be(void **state)
{
    (void)state;
    struct buffer out = {0};
    assert_false(workbook_link(&out, "/a", "b/x.pdf"));
    assert_false(workbook_link(&out, "a", "/b/x.pdf"));
    assert_false(workbook_link(&out, "/a", "/a"));
    char *longest = many("x", 2080);
    memcpy(longest, "/a/", 3);
    assert_true(workbook_link(&out, "/a", longest));
    char *longer = many("x", 2083);
    memcpy(longer, "/a/", 3);
    assert_false(workbook_link(&out, "/a", longer));
    free(longest);
    free(longer);
    buffer_release(&out);
}

static void lines_of_a_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int width, lines;
    } cases[] = {
        {"", 10, 1},
        {"1234567890", 10, 1},
        {"12345678901", 10, 2},
        {"a\nb", 10, 2},
        {"12345 67890", 8, 2},
        {"one two three", 8, 2},
        {"\xe5\x8d\xb0\xe5\x88\xb7\xe4\xbb\xa3", 4, 2},
        {"1\n2\n3\n4", 9, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(workbook_lines(cases[i].text, strlen(cases[i].text), cases[i].width, 3),
                         cases[i].lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_formula_stays),
        cmocka_unit_test(line_ends_and_controls),
        cmocka_unit_test(what_is_not_utf8),
        cmocka_unit_test(what_excel_would_decode),
        cmocka_unit_test(too_long_texts_are_cut_between_characters),
        cmocka_unit_test(numbers_of_15_digits),
        cmocka_unit_test(numbers_are_the_nearest_doubles),
        cmocka_unit_test(numbers_that_no_cell_holds),
        cmocka_unit_test(dates_from_march_1900),
        cmocka_unit_test(every_day_there_and_back),
        cmocka_unit_test(links_are_relative),
        cmocka_unit_test(links_are_encoded),
        cmocka_unit_test(links_that_cannot_be),
        cmocka_unit_test(lines_of_a_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
