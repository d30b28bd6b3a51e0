/* Recognition by the first bytes, encryption, the cheap page count. */
#include "sandbox/upload.h"

#include "test.h"

#include <string.h>

#define ROW(bytes, type)                                                                           \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, type                                                             \
    }

static void test_types(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *type;
    } rows[] = {
        ROW("%PDF-1.7", "application/pdf"),
        ROW("\n\n junk %PDF-1.7", "application/pdf"),
        ROW("\xff\xd8\xff\xe0", "image/jpeg"),
        ROW("\x89PNG\r\n\x1a\n....IHDR", "image/png"),
        ROW("\x89PNG\r\n\x1a\n....IHDR....acTL", NULL),
        ROW("RIFF....WEBPVP8 ", "image/webp"),
        ROW("RIFF....WAVEfmt ", NULL),
        ROW("II*\0....", "image/tiff"),
        ROW("MM\0*....", "image/tiff"),
        ROW("\0\0\0\x18"
            "ftypheic\0\0\0\0mif1",
            "image/heic"),
        ROW("\0\0\0\x18"
            "ftypmif1\0\0\0\0heic",
            "image/heic"),
        ROW("\0\0\0\x18"
            "ftypmif1\0\0\0\0miaf",
            "image/heif"),
        ROW("\0\0\0\x18"
            "ftypisom\0\0\0\0mp42",
            NULL),
        ROW("\0\0\0\x18"
            "ftyp",
            NULL),
        ROW("PK\3\4", NULL),
        ROW("hello", NULL),
        ROW("", NULL),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *type = upload_type(rows[i].bytes, rows[i].len);
        if (rows[i].type == NULL)
            assert_null(type);
        else
            assert_string_equal(type, rows[i].type);
    }
}

static void test_encryption(void **state)
{
    (void)state;
    static const char yes[] = "trailer << /Encrypt 5 0 R >>", inline_[] = "/Encrypt<< /V 1 >>";
    static const char no[] = "<< /EncryptMetadata true >> /Encrypt";
    assert_true(upload_is_encrypted(yes, sizeof yes - 1));
    assert_true(upload_is_encrypted(inline_, sizeof inline_ - 1));
    assert_false(upload_is_encrypted(no, sizeof no - 1));
    assert_false(upload_is_encrypted("", 0));
}

static int pages(const char *text)
{
    return upload_pages("application/pdf", text, strlen(text));
}

static void test_pages(void **state)
{
    (void)state;
    assert_int_equal(pages("<< /Type /Pages /Count 2 >> << /Type /Page >> <</Type/Page/X 1>>"), 2);
    assert_int_equal(pages("<< /Type\n/Page\n>>"), 1);
    assert_int_equal(pages("<< /Type /Pages /Count 17 >>"), 17);
    assert_int_equal(pages("<< /Type /Pages /Count 99999999999 >>"), 1);
    assert_int_equal(pages("/Type"), 1);
    assert_int_equal(pages("nothing"), 1);
    assert_int_equal(upload_pages("image/tiff", "/Type /Page /Type /Page ", 24), 1);
}

static void test_whole_pdfs(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool whole;
    } rows[] = {
        {"%PDF-1.4", false},
        {"%PDF-1.4\n1 0 obj<</Type/Page>>endobj", false},
        {"%PDF-1.4\n%%EOF", false},
        {"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF", true},
        {"%PDF-1.4\n1 0 obj<<>>endobj\nstartxref 9", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(upload_is_whole_pdf(rows[i].bytes, strlen(rows[i].bytes)), rows[i].whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_whole_pdfs),
        cmocka_unit_test(test_encryption),
        cmocka_unit_test(test_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
