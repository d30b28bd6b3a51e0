/* Rows as Excel and a CSV reader see them: profiles, quoting, cells that look like formulas, dates,
 * decimal signs, odd bytes. */
#include "format/csv.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct csv_choices as_profile = {.bom = -1, .defuse = -1};

static struct csv_profile profile_of(enum csv_profile_name name)
{
    struct csv_choices c = as_profile;
    c.profile = name;
    return csv_profile_of(&c);
}

/* What WRITE puts in the form P, into OUT; blocks of 8 bytes, so that each is met somewhere. */
static void written(const struct csv_profile *p, void (*write)(struct csv_writer *, const void *),
                    const void *what, char **text, size_t *len)
{
    struct csv_writer w;
    struct error e;
    FILE *out = open_memstream(text, len);
    assert_non_null(out);
    csv_begin(&w, p, 8, block_output_to_stream, out);
    write(&w, what);
    assert_int_equal(csv_flush(&w, &e), 0);
    csv_release(&w);
    assert_int_equal(fclose(out), 0);
}

static void expect(const struct csv_profile *p, void (*write)(struct csv_writer *, const void *),
                   const void *what, const char *expected)
{
    char *text = NULL, line[512];
    size_t len = 0;
    written(p, write, what, &text, &len);
    snprintf(line, sizeof line, "%s\r\n", expected);
    assert_string_equal(text, line);
    free(text);
}

static void write_cell(struct csv_writer *w, const void *cell)
{
    csv_text(w, cell, strlen(cell));
    csv_end_row(w);
}

static void write_shown(struct csv_writer *w, const void *cell)
{
    csv_row(w, (const char *const[]){cell}, 1);
}

static void write_number(struct csv_writer *w, const void *cell)
{
    csv_word(w, "true", 4);
    csv_number(w, cell, strlen(cell));
    csv_end_row(w);
}

static struct csv_profile excel(void)
{
    struct csv_profile p = profile_of(CSV_EXCEL);
    p.bom = false;
    return p;
}

static void expect_cell(const char *cell, const char *expected)
{
    struct csv_profile p = excel();
    expect(&p, write_cell, cell, expected);
}

static void expect_shown(const char *cell, const char *expected)
{
    struct csv_profile p = excel();
    expect(&p, write_shown, cell, expected);
}

static void write_rows(struct csv_writer *w, const void *unused)
{
    (void)unused;
    const char *cells[] = {"a.pdf", NULL, "", "z"};
    csv_row(w, cells, 4);
    csv_row(w, cells, 1);
    csv_row(w, cells + 1, 2);
    csv_row(w, cells + 1, 1); /* else an empty line */
    csv_row(w, cells, 0);
}

static void rows(void **state)
{
    struct csv_profile p = excel();
    (void)state;
    expect(&p, write_rows, NULL, "a.pdf,,,z\r\na.pdf\r\n,\r\n\"\"\r\n");
}

static void profiles(void **state)
{
    (void)state;
    const struct csv_profile p = profile_of(CSV_EXCEL), eu = profile_of(CSV_EXCEL_EU),
                             rfc = profile_of(CSV_RFC4180);
    expect(&p, write_cell, "=1", "\xef\xbb\xbf'=1");
    expect(&p, write_number, "-12.50", "\xef\xbb\xbftrue,-12.50");
    expect(&eu, write_cell, "=1", "\xef\xbb\xbf'=1");
    expect(&eu, write_number, "-12.50", "\xef\xbb\xbftrue;-12,50");
    expect(&eu, write_number, "2145", "\xef\xbb\xbftrue;2145");
    expect(&rfc, write_cell, "=1", "=1");
    expect(&rfc, write_cell, "'=1", "'=1");
    expect(&rfc, write_number, "-12.50", "true,-12.50");
}

static void each_part_can_be_said(void **state)
{
    (void)state;
    struct csv_choices c = {.profile = CSV_EXCEL_EU,
                            .delimiter = CSV_TAB,
                            .decimal = CSV_DECIMAL_POINT,
                            .dates = CSV_DATES_DMY_DOT,
                            .bom = 0,
                            .defuse = 0};
    struct csv_profile p = csv_profile_of(&c);
    assert_int_equal(p.dates, CSV_DATES_DMY_DOT);
    expect(&p, write_number, "1.5", "true\t1.5");
    expect(&p, write_cell, "=1", "=1");
    c = (struct csv_choices){
        .profile = CSV_RFC4180, .decimal = CSV_DECIMAL_COMMA, .bom = 1, .defuse = 1};
    p = csv_profile_of(&c);
    expect(&p, write_number, "1.5", "\xef\xbb\xbftrue,\"1,5\""); /* else two cells */
    expect(&p, write_cell, "=1", "\xef\xbb\xbf'=1");
}

static void what_needs_quotes_gets_them(void **state)
{
    (void)state;
    expect_cell("plain", "plain");
    expect_cell("a b", "a b");
    expect_cell("a,b", "\"a,b\"");
    expect_cell("a;b", "\"a;b\""); /* the separator where the comma is decimal */
    expect_cell("a\tb", "\"a\tb\"");
    expect_cell("a|b", "\"a|b\"");
    expect_cell("the \"big\" one", "\"the \"\"big\"\" one\"");
    expect_cell("\"", "\"\"\"\"");
    expect_cell(" a", "\" a\"");
    expect_cell("a ", "\"a \"");
    expect_cell(" ", "\" \"");
    expect_cell("\xc2\xa0"
                "a",
                "\"\xc2\xa0"
                "a\"");
    expect_cell("a\xc2\xa0", "\"a\xc2\xa0\"");
    expect_cell("00123", "00123");
    expect_cell("12345678901234567890", "12345678901234567890");
    expect_cell("#N/A", "#N/A");
    expect_cell("\xf0\x9f\xa7\xbe", "\xf0\x9f\xa7\xbe");
}

static void line_ends_become_one(void **state)
{
    (void)state;
    expect_cell("a\nb", "\"a\nb\"");
    expect_cell("a\r\nb\rc\r\r\n", "\"a\nb\nc\n\n\"");
    expect_cell("a\r", "\"a\n\"");
}

static void no_cell_is_a_formula(void **state)
{
    (void)state;
    expect_cell("=1+1", "'=1+1");
    expect_cell("+1", "'+1");
    expect_cell("@sum", "'@sum");
    expect_cell("|cmd", "\"'|cmd\"");
    expect_cell("-", "'-");
    expect_cell("-a", "'-a");
    expect_cell("-1-1", "'-1-1");
    expect_cell("-1,5", "\"'-1,5\"");
    expect_cell("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    expect_cell("=a;b", "\"'=a;b\"");
    expect_cell("\t=1", "\"'\t=1\"");
    expect_cell("\r1", "\"'\n1\"");
    expect_cell("\n1", "\"'\n1\"");
    expect_cell("  =1", "\"'  =1\"");
    expect_cell(" \xc2\xa0 =1", "\"' \xc2\xa0 =1\"");
    expect_cell("\xc2\xa0\xef\xbc\x9d"
                "1",
                "\"'\xc2\xa0\xef\xbc\x9d"
                "1\"");
    expect_cell("\xef\xbc\x9d"
                "1",
                "'\xef\xbc\x9d"
                "1");
    expect_cell("\xef\xbc\x8b"
                "1",
                "'\xef\xbc\x8b"
                "1");
    expect_cell("\xef\xbc\x8d"
                "1",
                "'\xef\xbc\x8d"
                "1");
    expect_cell("\xef\xbc\xa0"
                "1",
                "'\xef\xbc\xa0"
                "1");
}

static void what_is_none_stays(void **state)
{
    (void)state;
    expect_cell("a=1", "a=1");
    expect_cell("/in/-1.pdf", "/in/-1.pdf");
    expect_cell("-1", "-1");
    expect_cell("-12.50", "-12.50");
    expect_cell("-1.", "'-1.");
    expect_cell("-.5", "'-.5");
    expect_cell("-1e5", "'-1e5");
    expect_cell("1e5", "1e5");
    expect_cell(" -1", "\"' -1\"");
    expect_cell("\xef\xbc\x9e", "\xef\xbc\x9e"); /* another wide sign */
    expect_cell("\xef\xbc", "\xef\xbc");
}

/* Taking one ' away gives back what was there, whatever was. */
static void it_can_be_taken_back(void **state)
{
    (void)state;
    expect_cell("'", "''");
    expect_cell("'x", "''x");
    expect_cell("'=1", "''=1");
    expect_cell("''=1", "'''=1");
    expect_cell(" 'x", "\" 'x\"");
    expect_cell("O'Neill", "O'Neill");
}

static void a_nul_ends_no_file(void **state)
{
    struct csv_profile p = excel();
    struct csv_writer w;
    struct error e;
    char *text = NULL;
    size_t len = 0;
    (void)state;
    FILE *out = open_memstream(&text, &len);
    csv_begin(&w, &p, 64, block_output_to_stream, out);
    csv_text(&w, "a\0b\0", 4);
    csv_text(&w, "c", 1);
    csv_end_row(&w);
    assert_int_equal(csv_flush(&w, &e), 0);
    assert_int_equal(w.nuls, 1);
    csv_release(&w);
    fclose(out);
    assert_string_equal(text, "\"a\xef\xbf\xbd"
                              "b\xef\xbf\xbd\",c\r\n");
    free(text);
}

static void dates(void **state)
{
    char out[CSV_DATE_LEN + 1] = "";
    (void)state;
    assert_true(csv_date(CSV_DATES_ISO, "2026-11-30", 10, out));
    assert_string_equal(out, "2026-11-30");
    assert_true(csv_date(CSV_DATES_DMY_SLASH, "2026-11-30", 10, out));
    assert_string_equal(out, "30/11/2026");
    assert_true(csv_date(CSV_DATES_DMY_DOT, "2026-11-30", 10, out));
    assert_string_equal(out, "30.11.2026");
    assert_true(csv_date(CSV_DATES_MDY_SLASH, "2026-11-30", 10, out));
    assert_string_equal(out, "11/30/2026");
    assert_false(csv_date(CSV_DATES_MDY_SLASH, "2026-11-3", 9, out));
    assert_false(csv_date(CSV_DATES_MDY_SLASH, "2026-11-3x", 10, out));
    assert_false(csv_date(CSV_DATES_MDY_SLASH, "2026/11/30", 10, out));
    assert_false(csv_date(CSV_DATES_MDY_SLASH, "2026-11-30T00:00:00Z", 20, out));
}

static void odd_bytes_are_shown(void **state)
{
    (void)state;
    expect_shown("caf\xc3\xa9", "caf\xc3\xa9");
    expect_shown("caf\xe9", "caf\\xE9");
    expect_shown("two\nlines\r\n", "two\\x0Alines\\x0D\\x0A");
    expect_shown("\x1b[31m", "\\x1B[31m");
    expect_shown("\xff,", "\"\\xFF,\"");
    expect_shown("c:\\xtra", "c:\\x5Cxtra"); /* not to be taken for a shown byte */
    expect_shown("a\\b", "a\\b");
    expect_shown("=1", "'=1");
}

static void a_full_disk_is_noticed(void **state)
{
    struct csv_profile p = excel();
    struct csv_writer w;
    struct error e = {0};
    (void)state;
    FILE *out = fopen("/dev/full", "we");
    if (!out)
        skip();
    setvbuf(out, NULL, _IONBF, 0);
    csv_begin(&w, &p, 16, block_output_to_stream, out);
    for (int i = 0; i < 10; i++) {
        csv_text(&w, "a text", 6);
        csv_end_row(&w);
    }
    assert_true(block_output_failed(&w.out));
    assert_int_equal(csv_flush(&w, &e), ERR_IO);
    assert_string_equal(e.text, "write: No space left on device");
    csv_release(&w);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(profiles),
        cmocka_unit_test(each_part_can_be_said),
        cmocka_unit_test(what_needs_quotes_gets_them),
        cmocka_unit_test(line_ends_become_one),
        cmocka_unit_test(no_cell_is_a_formula),
        cmocka_unit_test(what_is_none_stays),
        cmocka_unit_test(it_can_be_taken_back),
        cmocka_unit_test(a_nul_ends_no_file),
        cmocka_unit_test(dates),
        cmocka_unit_test(odd_bytes_are_shown),
        cmocka_unit_test(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
