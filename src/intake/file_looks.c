/* Guesses what a rejected file is, so that its sender learns "an Excel workbook (XLSX)" and not
 * "unsupported". First a table of signatures; then the family of ZIP files by the names of their
 * first members; at last the look of the text. A wrong guess costs nothing but a puzzled reader. */
#include "intake/file_looks.h"

#include "base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

struct signature {
    const char *bytes;
    size_t len, offset;
    const char *what;
};
#define SIGNATURE(bytes, offset, what)                                                             \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, offset, what                                                     \
    }

static const struct signature signatures[] = {
    SIGNATURE("GIF87a", 0, "a GIF image"),
    SIGNATURE("GIF89a", 0, "a GIF image"),
    SIGNATURE("8BPS", 0, "a Photoshop image"),
    SIGNATURE("\0\0\0\x0cjP  ", 0, "a JPEG 2000 image"),
    SIGNATURE("\xff\x4f\xff\x51", 0, "a JPEG 2000 image"),
    SIGNATURE("\0\0\0\x0cJXL ", 0, "a JPEG XL image"),
    SIGNATURE("\0\0\1\0", 0, "an icon (ICO)"),
    SIGNATURE("ftypavif", 4, "an AVIF image"),
    SIGNATURE("ftypavis", 4, "an AVIF image"),
    SIGNATURE("ftypcrx ", 4, "a raw camera image"),
    SIGNATURE("PK\5\6", 0, "an empty ZIP archive"),
    SIGNATURE("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0,
              "an old Office document or Outlook message (DOC, XLS, PPT, MSG)"),
    SIGNATURE("\x78\x9f\x3e\x22", 0, "an Outlook attachment bundle (winmail.dat)"),
    SIGNATURE("{\\rtf", 0, "an RTF document"),
    SIGNATURE("Rar!\x1a\7", 0, "a RAR archive"),
    SIGNATURE("7z\xbc\xaf\x27\x1c", 0, "a 7z archive"),
    SIGNATURE("\x1f\x8b\x08", 0, "a gzip archive"),
    SIGNATURE("BZh", 0, "a bzip2 archive"),
    SIGNATURE("\xfd\x37zXZ\0", 0, "an xz archive"),
    SIGNATURE("\x28\xb5\x2f\xfd", 0, "a zstd archive"),
    SIGNATURE("ustar", 257, "a tar archive"),
    SIGNATURE("\177ELF", 0, "a program"),
    SIGNATURE("MZ\x90\0", 0, "a Windows program"),
    SIGNATURE("SQLite format 3\0", 0, "a database"),
    SIGNATURE("ID3", 0, "a sound file"),
    SIGNATURE("RIFF", 0, "a sound or video file"),
    SIGNATURE("\x1a\x45\xdf\xa3", 0, "a video"),
};

static bool contains(const void *head, size_t len, const char *text)
{
    return memmem(head, len, text, strlen(text)) != NULL;
}

static const char *zip_family(const void *head, size_t len)
{
    static const struct {
        const char *member, *what;
    } families[] = {
        {"word/", "a Word document (DOCX)"},
        {"xl/", "an Excel workbook (XLSX)"},
        {"ppt/", "a PowerPoint presentation (PPTX)"},
        {"mimetypeapplication/vnd.oasis.opendocument.text", "an OpenDocument text (ODT)"},
        {"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
         "an OpenDocument spreadsheet (ODS)"},
        {"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file"},
        {"[Content_Types].xml", "an Office document (DOCX, XLSX or PPTX)"},
    };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (contains(head, len, families[i].member))
            return families[i].what;
    return "a ZIP archive";
}

/* Two letters are no signature: the size of the second header must be one that exists too. */
static bool is_bmp(const uint8_t *p, size_t len)
{
    return len >= 18 && memcmp(p, "BM", 2) == 0 && p[15] == 0 && p[16] == 0 && p[17] == 0 &&
           (p[14] == 12 || p[14] == 40 || p[14] == 52 || p[14] == 56 || p[14] == 64 ||
            p[14] == 108 || p[14] == 124);
}

const char *file_signature(const void *head, size_t len)
{
    const uint8_t *p = head;
    if (len >= 4 && memcmp(p, "PK\3\4", 4) == 0)
        return zip_family(head, len);
    if (is_bmp(p, len))
        return "a BMP image";
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const struct signature *s = &signatures[i];
        if (len >= s->offset + s->len && memcmp(p + s->offset, s->bytes, s->len) == 0)
            return s->what;
    }
    if (len >= 12 && memcmp(p + 4, "ftyp", 4) == 0)
        return contains(p, len < 64 ? len : 64, "avif") ? "an AVIF image" : "a video";
    return NULL;
}

static bool starts_with_word(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && strncasecmp(text, word, n) == 0;
}

static bool is_mail(const char *text, size_t len)
{
    static const char *const headers[] = {
        "From:",         "From ",           "Received:",   "Return-Path:",     "MIME-Version:",
        "Delivered-To:", "DKIM-Signature:", "Message-ID:", "X-Mozilla-Status:"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (starts_with_word(text, len, headers[i]))
            return true;
    return false;
}

/* UTF-8, a sequence cut by the end of the head included, or an 8-bit alphabet; no control
 * characters but those of plain text. */
static bool is_text(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((p[i] < 0x20 && !strchr("\t\n\r\f\x1b", p[i])) || p[i] == 0 || p[i] == 0x7f)
            return false;
    size_t high = 0;
    for (size_t i = 0; i < len; i++)
        high += p[i] >= 0x80;
    for (size_t cut = 0; cut < 4 && cut < len; cut++)
        if (text_is_utf8(p, len - cut))
            return true;
    return high < len / 4;
}

static const char *kind_of_text(const char *text, size_t len)
{
    while (len && isspace((unsigned char)*text))
        text++, len--;
    if (starts_with_word(text, len, "<svg"))
        return "an SVG image";
    if (starts_with_word(text, len, "<!doctype html") || starts_with_word(text, len, "<html"))
        return "an HTML page";
    if (starts_with_word(text, len, "<?xml"))
        return contains(text, len, "<svg")    ? "an SVG image"
               : contains(text, len, "<html") ? "an HTML page"
                                              : "an XML document";
    if (starts_with_word(text, len, "%!PS"))
        return "a PostScript document";
    if (starts_with_word(text, len, "BEGIN:VC"))
        return "a calendar entry or contact";
    if (is_mail(text, len))
        return "an e-mail";
    return "plain text";
}

bool file_is_prose(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3, len -= 3;
    bool printer = (len && *p == 0x1b) || starts_with_word(bytes, len, "@PJL");
    bool blank = true;
    for (size_t i = 0; i < len; i++)
        blank = blank && isspace(p[i]);
    return !blank && !printer && is_text(p, len);
}

const char *file_looks_like(const void *head, size_t len)
{
    const uint8_t *p = head;
    const char *what = file_signature(head, len);
    if (what)
        return what;
    size_t zeros = 0;
    while (zeros < len && p[zeros] == 0)
        zeros++;
    if (zeros == len)
        return "nothing but zero bytes";
    if (len >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0))
        return "plain text (UTF-16)";
    if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3, len -= 3;
    return is_text(p, len) ? kind_of_text((const char *)p, len) : "unknown data";
}
