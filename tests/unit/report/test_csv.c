/* Rows as Excel and a CSV reader see them: quoting, cells that look like formulas, odd bytes. */
#include "report/csv.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static void expect_row(const char *const *cells, size_t count, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    csv_row(out, cells, count);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(expected));
    free(text);
}

static void expect_cell(const char *cell, const char *expected)
{
    char line[256];
    snprintf(line, sizeof line, "%s\r\n", expected);
    expect_row(&cell, 1, line);
}

static void rows(void **state)
{
    (void)state;
    const char *cells[] = {"a.pdf", NULL, "", "z"};
    expect_row(cells, 4, "a.pdf,,,z\r\n");
    expect_row(cells, 1, "a.pdf\r\n");
    expect_row(cells, 0, "\r\n");
}

static void what_needs_quotes_gets_them(void **state)
{
    (void)state;
    expect_cell("plain", "plain");
    expect_cell("a b", "a b");
    expect_cell("a,b", "\"a,b\"");
    expect_cell("a;b", "\"a;b\""); /* the separator where the comma is decimal */
    expect_cell("the \"big\" one", "\"the \"\"big\"\" one\"");
    expect_cell("\"", "\"\"\"\"");
    expect_cell(" a", "\" a\"");
}

static void no_cell_is_a_formula(void **state)
{
    (void)state;
    expect_cell("=1+1", "'=1+1");
    expect_cell("+1", "'+1");
    expect_cell("-1", "'-1");
    expect_cell("@sum", "'@sum");
    expect_cell("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    expect_cell("=a;b", "\"'=a;b\"");
    expect_cell("\t=1", "'\\x09=1");
    expect_cell("a=1", "a=1");
    expect_cell("/in/-1.pdf", "/in/-1.pdf");
}

static void odd_bytes_are_shown(void **state)
{
    (void)state;
    expect_cell("caf\xc3\xa9", "caf\xc3\xa9");
    expect_cell("caf\xe9", "caf\\xE9");
    expect_cell("two\nlines\r\n", "two\\x0Alines\\x0D\\x0A");
    expect_cell("\x1b[31m", "\\x1B[31m");
    expect_cell("\xff,", "\"\\xFF,\"");
    expect_cell("c:\\xtra", "c:\\x5Cxtra"); /* not to be taken for a shown byte */
    expect_cell("a\\b", "a\\b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(what_needs_quotes_gets_them),
        cmocka_unit_test(no_cell_is_a_formula),
        cmocka_unit_test(odd_bytes_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
