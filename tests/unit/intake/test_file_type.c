/* Recognition by bytes: each type, each brand, junk before a PDF, and what it says of the rest.
 * Heads lie in memory of exactly their size, so that the sanitizer sees a byte read too far. */
#include "intake/file_looks.h"
#include "intake/intake.h"
#include "samples.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static enum file_type type_of(const void *head, size_t len)
{
    void *exact = malloc(len ? len : 1);
    memcpy(exact, head, len);
    enum file_type type = file_type_of(exact, len);
    assert_non_null(file_looks_like(exact, len));
    free(exact);
    return type;
}

struct head {
    const char *bytes;
    size_t len;
    enum file_type type;
};
#define HEAD(bytes, type)                                                                          \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, type                                                             \
    }

static void signatures_are_told(void **state)
{
    (void)state;
    static const struct head heads[] = {
        HEAD("%PDF-1.7\n", FILE_PDF),
        HEAD("\xff\xd8\xff\xe0\0\x10JFIF", FILE_JPEG),
        HEAD("\xff\xd8\xff\xe1\0\x10"
             "Exif",
             FILE_JPEG),
        HEAD("\xff\xd8", FILE_UNKNOWN),
        HEAD("\x89PNG\r\n\x1a\n", FILE_PNG),
        HEAD("\x89PNG\n\x1a\n\n", FILE_UNKNOWN), /* sent through a text mode transfer */
        HEAD("RIFF\x10\0\0\0WEBPVP8 ", FILE_WEBP),
        HEAD("RIFF\x10\0\0\0WAVEfmt ", FILE_UNKNOWN),
        HEAD("RIFF\x10\0\0\0WEB", FILE_UNKNOWN),
        HEAD("II*\0\x08\0\0\0", FILE_TIFF),
        HEAD("MM\0*\0\0\0\x08", FILE_TIFF),
        HEAD("II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", FILE_TIFF),
        HEAD("MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10", FILE_TIFF),
        HEAD("II*\1", FILE_UNKNOWN),
        HEAD("", FILE_UNKNOWN),
        HEAD("%PDF", FILE_UNKNOWN),
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        assert_int_equal(type_of(heads[i].bytes, heads[i].len), heads[i].type);
}

static void brands_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *major, *compatible;
        enum file_type type;
    } boxes[] = {
        {"heic", "mif1heic", FILE_HEIC}, {"heix", "", FILE_HEIC},
        {"hevc", "", FILE_HEIC},         {"hevx", "", FILE_HEIC},
        {"heim", "", FILE_HEIC},         {"heis", "", FILE_HEIC},
        {"hevm", "", FILE_HEIC},         {"hevs", "", FILE_HEIC},
        {"mif1", "mif1heic", FILE_HEIF}, {"msf1", "msf1", FILE_HEIF},
        {"heif", "", FILE_HEIF},         {"MiHE", "mif1heic", FILE_HEIC},
        {"XXXX", "mif1", FILE_HEIF},     {"avif", "mif1", FILE_UNKNOWN},
        {"avis", "", FILE_UNKNOWN},      {"mif1", "avif", FILE_UNKNOWN},
        {"mif1", "avifheic", FILE_HEIF}, {"isom", "mp41", FILE_UNKNOWN},
        {"qt  ", "", FILE_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        struct buffer b;
        buffer_init(&b, 0);
        sample_ftyp(&b, boxes[i].major, boxes[i].compatible);
        assert_int_equal(type_of(b.data, b.len), boxes[i].type);
        buffer_release(&b);
    }
    /* Brands behind the box's end are no brands of the file. */
    assert_int_equal(type_of("\0\0\0\x14"
                             "ftypXXXX\0\0\0\0abcdheic",
                             24),
                     FILE_UNKNOWN);
}

static void pdf_may_have_junk_before_it(void **state)
{
    (void)state;
    char head[FILE_HEAD_BYTES];
    for (size_t at = 0; at < 1100; at++) {
        memset(head, '\1', sizeof head);
        memcpy(head + at, "%PDF-", 5);
        enum file_type expected = at < 1024 ? FILE_PDF : FILE_UNKNOWN;
        assert_int_equal(type_of(head, sizeof head), expected);
        assert_int_equal(type_of(head, at + 5), expected);
        assert_int_equal(type_of(head, at + 4), FILE_UNKNOWN);
    }
}

static void what_stands_before_a_pdf_decides(void **state)
{
    (void)state;
    static const struct head pdfs[] = {
        HEAD("\r\n \n%PDF-1.4", FILE_PDF),
        HEAD("\xef\xbb\xbf%PDF-1.4", FILE_PDF),
        HEAD("\33%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n%PDF-1.4", FILE_PDF),
        HEAD("@PJL ENTER LANGUAGE=PDF\r\n%PDF-1.4", FILE_PDF),
        HEAD("\0\0\0\0%PDF-1.4", FILE_PDF),
    };
    static const struct head texts[] = {
        HEAD("Each file begins with %PDF-1.4, or it is none.", FILE_UNKNOWN),
        HEAD("<html><body>\n%PDF-1.4</body></html>", FILE_UNKNOWN),
        HEAD("From: ana@acme.example\r\nSubject: your invoice\r\n\r\n%PDF-1.4\n", FILE_UNKNOWN),
        HEAD("\xef\xbb\xbfKommentar: %PDF-", FILE_UNKNOWN),
        HEAD("// %PDF-\n", FILE_UNKNOWN),
        HEAD("pr\xfc"
             "fen: %PDF-1.4",
             FILE_UNKNOWN),
    };
    for (size_t i = 0; i < sizeof pdfs / sizeof *pdfs; i++)
        assert_int_equal(type_of(pdfs[i].bytes, pdfs[i].len), pdfs[i].type);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(type_of(texts[i].bytes, texts[i].len), texts[i].type);
}

static void a_pdf_inside_another_format_is_that_format(void **state)
{
    (void)state;
    assert_int_equal(type_of("PK\3\4........invoice.pdf%PDF-1.4", 31), FILE_UNKNOWN);
    assert_int_equal(type_of("GIF89a%PDF-1.4", 14), FILE_UNKNOWN);
    assert_int_equal(type_of("\xff\xd8\xff\xfe\0\x0a%PDF-1.4", 14), FILE_JPEG);
}

static void every_cut_of_a_head_is_safe(void **state)
{
    (void)state;
    static const char *const starts[] = {"PK\3\4",       "BM",      "<?xml <svg", "\xff\xfe",
                                         "\xef\xbb\xbf", "From: a", "\0\0\0",     "\xc3\xa4\xc3",
                                         "RIFF",         "MZ\x90"};
    char head[300];
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        memset(head, 'x', sizeof head);
        memcpy(head, starts[i], strlen(starts[i]));
        for (size_t len = 0; len <= sizeof head; len++)
            assert_int_equal(type_of(head, len), FILE_UNKNOWN);
    }
}

static void the_rest_is_named(void **state)
{
    (void)state;
#define LOOKS(bytes, what) assert_string_equal(file_looks_like(bytes, sizeof(bytes) - 1), what)
    LOOKS("PK\3\4\x14\0\0\0\0\0 some/name.pdf", "a ZIP archive");
    LOOKS("PK\3\4\x14\0\6\0[Content_Types].xml _rels/.rels xl/workbook.xml",
          "an Excel workbook (XLSX)");
    LOOKS("PK\3\4\x14\0\6\0[Content_Types].xml word/document.xml", "a Word document (DOCX)");
    LOOKS("PK\3\4\x14\0\6\0[Content_Types].xml", "an Office document (DOCX, XLSX or PPTX)");
    LOOKS("PK\3\4\x14\0mimetypeapplication/vnd.oasis.opendocument.textPK",
          "an OpenDocument text (ODT)");
    LOOKS("GIF89a", "a GIF image");
    LOOKS("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "a BMP image");
    LOOKS("BMW has sent an invoice", "plain text");
    LOOKS("\0\0\0\x1c"
          "ftypavif\0\0\0\0",
          "an AVIF image");
    LOOKS("\0\0\0\x1c"
          "ftypmif1\0\0\0\0mif1avif",
          "an AVIF image");
    LOOKS("\0\0\0\x1c"
          "ftypisom\0\0\0\0",
          "a video");
    LOOKS("  <!DOCTYPE HTML><title>", "an HTML page");
    LOOKS("<?xml version='1.0'?><svg>", "an SVG image");
    LOOKS("<?xml version='1.0'?><Invoice>", "an XML document");
    LOOKS("Received: from mail.example", "an e-mail");
    LOOKS("Invoice 17\nTotal 12.00\n", "plain text");
    LOOKS("\xef\xbb\xbfRechnung f\xc3\xbcr", "plain text");
    LOOKS("Rechnung f\xc3\xbcr \xe2\x82", "plain text");    /* cut within a character */
    LOOKS("Rechnung f\xfcr Herrn M\xfcller", "plain text"); /* Latin-1 */
    LOOKS("\xff\xfeR\0e\0", "plain text (UTF-16)");
    LOOKS("\0\0\0\0\0\0\0\0", "nothing but zero bytes");
    LOOKS("\1\2\3\4\5\x80\x81", "unknown data");
}

static void names_and_their_bounds(void **state)
{
    (void)state;
    assert_string_equal(file_type_name(FILE_WEBP), "WebP");
    assert_string_equal(file_type_mime(FILE_PDF), "application/pdf");
    assert_string_equal(file_type_mime(FILE_HEIF), "image/heif");
    assert_string_equal(file_type_extension(FILE_TIFF), "tif");
    assert_string_equal(file_type_name((enum file_type)99), "unknown");
    assert_string_equal(file_type_mime((enum file_type) - 1), "application/octet-stream");
    for (int r = REJECT_NONE; r <= REJECT_ANIMATED; r++) {
        assert_true(strlen(reject_reason_code((enum reject_reason)r)) > 0);
        assert_true(strlen(reject_reason_text((enum reject_reason)r)) > 0);
        for (int other = REJECT_NONE; other < r; other++)
            assert_string_not_equal(reject_reason_code((enum reject_reason)r),
                                    reject_reason_code((enum reject_reason)other));
    }
    assert_string_equal(reject_reason_code(REJECT_EMPTY), "empty");
    assert_string_equal(reject_reason_code((enum reject_reason)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_told),
        cmocka_unit_test(brands_are_told),
        cmocka_unit_test(pdf_may_have_junk_before_it),
        cmocka_unit_test(what_stands_before_a_pdf_decides),
        cmocka_unit_test(a_pdf_inside_another_format_is_that_format),
        cmocka_unit_test(every_cut_of_a_head_is_safe),
        cmocka_unit_test(the_rest_is_named),
        cmocka_unit_test(names_and_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
