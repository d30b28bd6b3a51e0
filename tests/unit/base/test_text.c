/* Names from outside made fit to show, ids, patterns, the nearest word. */
#include "base/text.h"

#include "test.h"

#include <string.h>

static void assert_displayed(const char *bytes, size_t len, const char *expected)
{
    struct buffer b;
    buffer_init(&b, 0);
    text_display(&b, bytes, len);
    assert_string_equal(buffer_text(&b), expected);
    assert_true(text_is_utf8(b.data, b.len));
    buffer_release(&b);
}

#define DISPLAYED(literal, expected) assert_displayed(literal, sizeof(literal) - 1, expected)

static void test_display(void **state)
{
    (void)state;
    DISPLAYED("plain name.pdf", "plain name.pdf");
    DISPLAYED("Rechnung Müller 東京 💶.pdf", "Rechnung Müller 東京 💶.pdf");
    DISPLAYED("a\nb\tc\x7f", "a\\x0Ab\\x09c\\x7F");
    DISPLAYED("\x1b[2J", "\\x1B[2J"); /* can't drive a terminal */
    DISPLAYED("\xc2\x9b"
              "31m",
              "\\xC2\\x9B31m"); /* nor by the one character form of it */
    DISPLAYED("a\0b", "a\\x00b");
    DISPLAYED("\xff\xfe", "\\xFF\\xFE");
    DISPLAYED("caf\xe9.pdf", "caf\\xE9.pdf");    /* Latin-1 */
    DISPLAYED("cut \xe6\x9d", "cut \\xE6\\x9D"); /* the rest of the character is missing */
    DISPLAYED("rechnung\xe2\x80\xae"
              "fdp.exe",
              "rechnung\\u{202E}fdp.exe");
    DISPLAYED("\xd8\x9c \xe2\x80\x8e \xe2\x80\xa9 \xe2\x81\xa6 \xe2\x81\xa9",
              "\\u{061C} \\u{200E} \\u{2029} \\u{2066} \\u{2069}");
    DISPLAYED("\xd7\x90 \xe2\x80\x9c \xe2\x82\xac", "\xd7\x90 \xe2\x80\x9c \xe2\x82\xac");
    DISPLAYED("\\u{202E}\\users", "\\x5Cu{202E}\\users");
    DISPLAYED("\\x41", "\\x5Cx41"); /* what looks like an escape is told apart */
    DISPLAYED("C:\\temp\\", "C:\\temp\\");
}

static void test_is_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "a",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf", /* longer than needed */
                                      "\xed\xa0\x80", /* a surrogate */
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xc2",
                                      "\xe1\x80",
                                      "\xf1\x80\x80",
                                      "\xc2\x41",
                                      "\xe1\x80\x41",
                                      "ok\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(text_is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_is_utf8(bad[i], strlen(bad[i])));
}

static void test_show_cuts_between_characters(void **state)
{
    (void)state;
    char name[3000];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(name, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof name; i += 3)
            memcpy(name + i, "\xe2\x82\xac", 4);
        const char *shown = text_show(name);
        assert_true(strlen(shown) < 1024);
        assert_true(strlen(shown) > 1000);
        assert_true(text_is_utf8(shown, strlen(shown)));
        assert_string_equal(shown + strlen(shown) - 3, "...");
    }
}

static void test_show_keeps_eight(void **state)
{
    (void)state;
    static const char *const words[] = {"0", "1", "2", "3", "4", "5", "6", "7"};
    const char *shown[8];
    for (int i = 0; i < 8; i++)
        shown[i] = text_show(words[i]);
    for (int i = 0; i < 8; i++)
        assert_string_equal(shown[i], words[i]);
}

static void test_uuid(void **state)
{
    (void)state;
    assert_true(text_is_uuid("12345678-9abc-def0-1234-56789abcdef0"));
    assert_true(text_is_uuid("ABCDEF00-0000-4000-8000-00000000000F"));
    assert_false(text_is_uuid(""));
    assert_false(text_is_uuid("12345678-9abc-def0-1234-56789abcdef"));
    assert_false(text_is_uuid("12345678-9abc-def0-1234-56789abcdef01"));
    assert_false(text_is_uuid("12345678 9abc-def0-1234-56789abcdef0"));
    assert_false(text_is_uuid("g2345678-9abc-def0-1234-56789abcdef0"));
    assert_false(text_is_uuid("123456789-abc-def0-1234-56789abcdef0"));
    assert_false(text_is_uuid("{2345678-9abc-def0-1234-56789abcdef0}"));
}

static void test_matches(void **state)
{
    (void)state;
    assert_true(text_matches("*", "a.pdf"));
    assert_true(text_matches("*", ".hidden")); /* dots are nothing special */
    assert_true(text_matches(".*", ".hidden"));
    assert_true(text_matches("~$*", "~$invoice.docx"));
    assert_true(text_matches("*.pdf", "a.pdf"));
    assert_true(text_matches("[ab]?.pdf", "b1.pdf"));
    assert_true(text_matches("*", "caf\xe9.pdf")); /* any bytes */
    assert_true(text_matches("*.pdf", "a.PDF"));
    assert_true(text_matches("[a-c]*.Pdf", "B1.pDF"));
    assert_false(text_matches("*.pdf", "a.pdf.txt"));
    assert_false(text_matches(".*", "visible"));
    assert_true(text_matches("Thumbs.db", "THUMBS.DB"));
    assert_true(text_matches("$RECYCLE.BIN", "$Recycle.Bin"));
    assert_true(text_matches("*:Zone.Identifier", "scan.pdf:Zone.Identifier"));
    assert_false(text_matches("Thumbs.db", "humbs.db")); /* by its first character */
    assert_false(text_matches("@eaDir", "~eaDir"));
    assert_false(text_matches("a*", ""));
    assert_true(text_matches("\\*x", "*X"));
    assert_true(text_matches("?", "\xe9"));
    assert_true(text_matches("\xe9*", "\xe9t\xe9"));
    assert_true(text_matches("", ""));
    assert_false(text_matches("", "a"));
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"limits.uploads", "limits.share", "api.model_id", NULL};
    assert_string_equal(text_nearest("limits.upload", words), "limits.uploads");
    assert_string_equal(text_nearest("limit.uploads", words), "limits.uploads");
    assert_string_equal(text_nearest("API.Model_ID", words), "api.model_id");
    assert_string_equal(text_nearest("api.modelid", words), "api.model_id");
    assert_null(text_nearest("something.else", words));
    char long_word[500];
    memset(long_word, 'a', sizeof long_word);
    long_word[sizeof long_word - 1] = '\0';
    assert_null(text_nearest("", words));
    assert_null(text_nearest(long_word, (const char *const[]){NULL}));
}

static void test_copy(void **state)
{
    (void)state;
    char out[4] = "zzz";
    assert_true(text_copy(out, sizeof out, "abc"));
    assert_string_equal(out, "abc");
    assert_false(text_copy(out, sizeof out, "wxyz"));
    assert_string_equal(out, "wxy");
    assert_true(text_copy(out, sizeof out, ""));
    assert_string_equal(out, "");
}

static void words_are_wrapped(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 0);
    text_wrap(&out, "- ", "  ", 12, "one two three fourteen-letters x");
    assert_string_equal(buffer_text(&out), "- one two\n  three\n  fourteen-letters\n  x\n");
    buffer_clear(&out);
    text_wrap(&out, "", "", 7, "one two"); /* just so long */
    assert_string_equal(buffer_text(&out), "one two\n");
    buffer_clear(&out);
    text_wrap(&out, "", "", 6, "one two");
    assert_string_equal(buffer_text(&out), "one\ntwo\n");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_display),
        cmocka_unit_test(test_is_utf8),
        cmocka_unit_test(test_show_cuts_between_characters),
        cmocka_unit_test(test_show_keeps_eight),
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(words_are_wrapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
