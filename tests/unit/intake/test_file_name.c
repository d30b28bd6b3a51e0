/* The name that is sent: extensions kept, mended or added,
 * and nothing that could break the form. */
#include "base/text.h"
#include "intake/intake.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const char *sent_as(const char *name, enum file_type type)
{
    static char out[256];
    file_name_to_send(name, type, out, sizeof out);
    return out;
}

static void right_extensions_are_kept(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum file_type type;
    } kept[] = {{"a.pdf", FILE_PDF},     {"A.PDF", FILE_PDF},
                {"a.jpg", FILE_JPEG},    {"a.JPEG", FILE_JPEG},
                {"a.jfif", FILE_JPEG},   {"a.tif", FILE_TIFF},
                {"a.Tiff", FILE_TIFF},   {"a.png", FILE_PNG},
                {"a.webp", FILE_WEBP},   {"a.heic", FILE_HEIC},
                {"a.heif", FILE_HEIF},   {"Rechnung f\xc3\xbcr Mai.pdf", FILE_PDF},
                {"a.b.c.pdf", FILE_PDF}, {"it's 50% off; ok.pdf", FILE_PDF},
                {"a.gif", FILE_UNKNOWN}, {"README", FILE_UNKNOWN}};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_string_equal(sent_as(kept[i].name, kept[i].type), kept[i].name);
}

static void wrong_extensions_are_mended(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum file_type type;
        const char *sent;
    } rows[] = {
        {"receipt.jpga", FILE_JPEG, "receipt.jpg"},
        {"scan.png", FILE_PDF, "scan.pdf"},
        {"scan.PDF", FILE_JPEG, "scan.jpg"},
        {"scan.pdf ", FILE_PDF, "scan.pdf"},
        {"mail.dat", FILE_TIFF, "mail.tif"},
        {"invoice", FILE_PDF, "invoice.pdf"},
        {"invoice.", FILE_PDF, "invoice.pdf"},
        {"Invoice 2024.11", FILE_PDF, "Invoice 2024.11.pdf"}, /* no extension: part of the name */
        {"Invoice Dr.Smith", FILE_PDF, "Invoice Dr.Smith.pdf"},
        {".pdf", FILE_PDF, "document.pdf"},
        {".scan1", FILE_PNG, ".scan1.png"},
        {"", FILE_PDF, "document.pdf"},
        {"2024/05/a.pdf", FILE_PDF, "a.pdf"},
        {"dir.pdf/", FILE_PDF, "document.pdf"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(sent_as(rows[i].name, rows[i].type), rows[i].sent);
}

static void nothing_breaks_the_header(void **state)
{
    (void)state;
    assert_string_equal(sent_as("a\r\nX: y\"; name=\\\"b.pdf", FILE_PDF), "a__X: y_; name=__b.pdf");
    assert_string_equal(sent_as("\xff\xfe\xc3.pdf", FILE_PDF), "___.pdf");
    assert_string_equal(sent_as("a\xc2\x85z.pdf", FILE_PDF), "a_z.pdf");         /* C1 */
    assert_string_equal(sent_as("a\xe2\x80\xaegnp.pdf", FILE_PDF), "a_gnp.pdf"); /* RLO */
    assert_string_equal(sent_as("a.pdf\n", FILE_PDF), "a.pdf");
    for (int c = 1; c < 256; c++) {
        char name[] = {'x', (char)c, 'y', '.', 'p', 'd', 'f', '\0'};
        const char *out = sent_as(name, FILE_PDF);
        assert_true(text_is_utf8(out, strlen(out)));
        assert_null(strpbrk(out, "\"\\\r\n\t\x7f"));
        assert_string_equal(out + strlen(out) - 4, ".pdf");
    }
}

static void long_names_keep_their_extension(void **state)
{
    (void)state;
    char name[256], out[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    memcpy(name + 250, ".JPEG", 5);
    file_name_to_send(name, FILE_JPEG, out, sizeof out);
    assert_int_equal(strlen(out), 200);
    assert_string_equal(out + 195, ".JPEG");

    for (size_t i = 0; i < 250; i += 2)
        memcpy(name + i, "\xc3\xa4", 2); /* cut between characters */
    for (size_t size = 20; size <= sizeof out; size++) {
        file_name_to_send(name, FILE_PDF, out, size);
        assert_true(strlen(out) < size && strlen(out) <= 200);
        assert_true(strlen(out) + 3 >= (size > 200 ? 200 : size));
        assert_true(text_is_utf8(out, strlen(out)));
        assert_string_equal(out + strlen(out) - 4, ".pdf");
    }
    for (size_t size = 1; size < 20; size++) { /* absurd, but never beyond the end */
        char *exact = malloc(size);
        file_name_to_send(name, FILE_PDF, exact, size);
        assert_true(strlen(exact) < size);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_extensions_are_kept),
        cmocka_unit_test(wrong_extensions_are_mended),
        cmocka_unit_test(nothing_breaks_the_header),
        cmocka_unit_test(long_names_keep_their_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
