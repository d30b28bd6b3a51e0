/* What comes from outside is text in a page, whatever it holds; numbers are grouped; the policy names what the page
 * brings along, and nothing else. */
#include "test.h"

#include "format/file_link.h"
#include "report/html_chart.h"
#include "report/html_head.h"
#include "report/html_table.h"
#include "report/html_text.h"

#include <string.h>

static const char *put(const char *text, size_t len, size_t most)
{
    static struct buffer out;
    buffer_clear(&out);
    html_put(&out, text, len, most);
    return buffer_text(&out);
}

static void assert_shown(const char *text, const char *expected)
{
    assert_string_equal(put(text, strlen(text), 1000), expected);
}

static void markup_is_text(void **state)
{
    (void)state;
    assert_shown("Müller & Söhne", "Müller &amp; Söhne");
    assert_shown("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;");
    assert_shown("\"><svg onload='x'>", "&quot;&gt;&lt;svg onload=&#39;x&#39;&gt;");
    assert_shown("</script><!--", "&lt;/script&gt;&lt;!--");
    assert_shown("two\r\nlines\tand", "two  lines and");
}

static void what_misleads_is_named(void **state)
{
    (void)state;
    assert_shown("gpj.\xe2\x80\xae"
                 "exe",
                 "gpj.\\u{202E}exe");
    assert_shown("a\xe2\x81\xa6"
                 "b\xe2\x81\xa9",
                 "a\\u{2066}b\\u{2069}");
    assert_shown("\x1b[31m", "\\u{001B}[31m");
    assert_shown("\xc2\x85\xe2\x80\x8b\xef\xbb\xbf", "\\u{0085}\\u{200B}\\u{FEFF}");
    assert_shown("\\u{202E}",
                 "\\u{005C}u{202E}"); /* as it was written: no other text looks like it */
    assert_shown("C:\\x41", "C:\\u{005C}x41");
    assert_shown("שלום", "שלום"); /* a name is a name */
    assert_string_equal(put("a\0b", 3, 10), "a\\u{0000}b");
}

static void broken_bytes_are_named(void **state)
{
    (void)state;
    assert_shown("\xff.pdf", "\\xFF.pdf");
    assert_shown("\xc3", "\\xC3");
    assert_shown("\xed\xa0\x80", "\\xED\\xA0\\x80"); /* half a pair */
    assert_shown("\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80");
    assert_shown("\xc0\xbc", "\\xC0\\xBC"); /* < in two bytes */
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    assert_string_equal(put("äöü", 6, 3), "äöü");
    assert_string_equal(put("äöüx", 7, 3), "äöü…");
    assert_string_equal(put("<<<<", 4, 2), "&lt;&lt;…");
}

static const char *grouped(const char *number)
{
    static struct buffer out;
    buffer_clear(&out);
    html_grouped(&out, number);
    return buffer_text(&out);
}

#define S "\xe2\x80\xaf"

static void numbers_are_grouped(void **state)
{
    struct buffer out;
    (void)state;
    assert_string_equal(grouped("0"), "0");
    assert_string_equal(grouped("999"), "999");
    assert_string_equal(grouped("1000"), "1" S "000");
    assert_string_equal(grouped("-123456.789"), "-123" S "456.789");
    assert_string_equal(grouped("-1234567"), "-1" S "234" S "567");
    buffer_init(&out, 0);
    html_amount(&out, decimal_of(123456, 1), 2); /* as Mindee sends it: 12345.6 */
    assert_string_equal(buffer_text(&out), "12" S "345.60");
    buffer_clear(&out);
    html_amount(&out, decimal_of(1881, 0), 0);
    assert_string_equal(buffer_text(&out), "1" S "881");
    buffer_release(&out);
}

static void policy_names_both_files(void **state)
{
    struct buffer page;
    static const struct page_file style = {"abc", 3}, script = {"", 0};
    (void)state;
    buffer_init(&page, 0);
    html_begin(&page, "<b>", &style, &script);
    html_end(&page, &script);
    const char *policy = strstr(buffer_text(&page), "Content-Security-Policy");
    assert_non_null(policy);
    assert_non_null(strstr(policy,
                           "default-src 'none'; "
                           "style-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='; "
                           "script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; "
                           "base-uri 'none'; form-action 'none'"));
    assert_true(policy < strstr(buffer_text(&page), "<style>")); /* it holds for what follows */
    assert_non_null(strstr(buffer_text(&page), "<title>&lt;b&gt;</title>"));
    buffer_release(&page);
}

/* What closes its element early would not be what the hash is of. */
static void files_stay_in_their_elements(void **state)
{
    (void)state;
    assert_null(strstr(page_report_css.text, "</"));
    assert_null(strstr(page_report_js.text, "</"));
    assert_null(strstr(page_report_js.text, "<!--"));
    assert_int_equal(strlen(page_report_js.text), page_report_js.len);
    assert_null(strstr(page_report_css.text, "url("));
    assert_null(strstr(page_report_js.text, "innerHTML"));
}

static void assert_link(const char *directory, const char *file, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 0);
    html_file(&out, directory, "n", file);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void links_are_relative(void **state)
{
    (void)state;
    assert_link("/a/out", "/a/in/x y.pdf",
                "<a rel=\"noreferrer\" href=\"../in/x%20y.pdf\"><bdi>n</bdi></a>");
    assert_link("/a", "/a/javascript:alert(1)",
                "<a rel=\"noreferrer\" href=\"javascript%3Aalert%281%29\"><bdi>n</bdi></a>");
    assert_link("/a", "/a/\"><b>\xff",
                "<a rel=\"noreferrer\" href=\"%22%3E%3Cb%3E%FF\"><bdi>n</bdi></a>");
    assert_link("/a", "in/x.pdf", "<bdi>n</bdi>");
    assert_link("/a", NULL, "<bdi>n</bdi>");
}

static void chart_has_its_words(void **state)
{
    struct buffer out;
    const double values[] = {12, 0, 30};
    struct html_chart c = {.id = "x",
                           .title = "T & t",
                           .text = "in words",
                           .values = values,
                           .count = 3,
                           .limit = 50,
                           .limit_words = "limit 50"};
    (void)state;
    html_chart_label(&c, 2, "18:04");
    buffer_init(&out, 0);
    html_chart_put(&out, &c);
    const char *svg = buffer_text(&out);
    assert_non_null(
        strstr(svg, "role=\"img\" aria-labelledby=\"x-t x-d\"><title id=\"x-t\">T &amp; t</title>"
                    "<desc id=\"x-d\">in words</desc>"));
    assert_non_null(strstr(svg, "class=\"limit\""));
    assert_non_null(strstr(svg, ">18:04</text>"));
    assert_null(strstr(svg, "style="));
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_text),
        cmocka_unit_test(what_misleads_is_named),
        cmocka_unit_test(broken_bytes_are_named),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(numbers_are_grouped),
        cmocka_unit_test(policy_names_both_files),
        cmocka_unit_test(files_stay_in_their_elements),
        cmocka_unit_test(links_are_relative),
        cmocka_unit_test(chart_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
