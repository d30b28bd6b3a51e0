/* Sheets as people hand them in. */
#include "cli/csv_read.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "cell|cell;cell" of the rows of a file that holds TEXT, or the error. */
static const char *read_all(const char *text, size_t len)
{
    static char told[2000];
    char path[] = "/tmp/test-csv-read-XXXXXX";
    struct csv_reader r;
    struct error e;
    int fd = mkstemp(path), n;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
    told[0] = '\0';
    n = csv_reader_open(&r, path, &e);
    while (n == 0 && (n = csv_reader_next(&r, &e)) == 1) {
        for (size_t i = 0; i < r.count; i++)
            snprintf(told + strlen(told), sizeof told - strlen(told), "%s%s", i ? "|" : "",
                     r.cells[i]);
        snprintf(told + strlen(told), sizeof told - strlen(told), ";");
        n = 0;
        if (r.at >= r.text.len)
            break;
    }
    if (n < 0)
        snprintf(told, sizeof told, "error: %s", strstr(e.text, "line") ? e.text : "no CSV");
    csv_reader_close(&r);
    unlink(path);
    return told;
}

#define assert_read(text, expected) assert_string_equal(read_all(text, strlen(text)), expected)

static void rows_and_cells(void **state)
{
    (void)state;
    assert_read("a,b,c\n1,2,3\n", "a|b|c;1|2|3;");
    assert_read("a,b\r\n1,\r\n\r\n,2", "a|b;1|;|2;");
    assert_read("\xef\xbb\xbf"
                "a;b\n1,5;2\n",
                "a|b;1,5|2;");
    assert_read("a\tb\n1;\t2\n", "a|b;1;|2;");
    assert_read("a,b\n\"x, \"\"y\"\"\nz\",2\n", "a|b;x, \"y\"\nz|2;");
    assert_read("a,b\n\"\",\"\"\n", "a|b;|;");
    assert_read("a,b\n'=1+1,''x\n", "a|b;=1+1|'x;");
}

static void what_is_no_sheet(void **state)
{
    (void)state;
    assert_read("a,b\n\"x,2\n", "error: line 2: a quote is never closed");
    assert_read("a,b\n1,2\n\"x\"y,2\n", "error: line 3: something stands behind a closing quote");
    assert_string_equal(read_all("a\0b", 3), "error: no CSV");
    assert_string_equal(read_all("a\xff", 2), "error: no CSV");
    struct csv_reader r;
    struct error e;
    assert_int_equal(csv_reader_open(&r, "/nowhere/at/all", &e), ERR_USAGE);
    csv_reader_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_cells),
        cmocka_unit_test(what_is_no_sheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
