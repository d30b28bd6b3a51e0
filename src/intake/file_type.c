/* Recognises what Mindee takes by its first bytes; names and extensions play no part.
 *
 * Images have their signature at the very start. A PDF may have junk before "%PDF-" (zeros, blank
 * lines, a printer's commands), which readers accept up to 1,024 bytes; but what stands before it
 * decides: a text that mentions "%PDF-" is a text, a mail with a PDF in it a mail, and bytes that
 * start with another format's signature are that format, even with a whole PDF stored inside, as in
 * a ZIP. HEIC and HEIF are told by the brands of their first box;
 * AVIF has the same box and isn't taken. */
#include "intake/file_looks.h"
#include "intake/intake.h"

#include <stdint.h>
#include <string.h>

static const struct {
    const char *name, *mime, *extension;
} types[] = {
    [FILE_UNKNOWN] = {"unknown", "application/octet-stream", ""},
    [FILE_PDF] = {"PDF", "application/pdf", "pdf"},
    [FILE_JPEG] = {"JPEG", "image/jpeg", "jpg"},
    [FILE_PNG] = {"PNG", "image/png", "png"},
    [FILE_WEBP] = {"WebP", "image/webp", "webp"},
    [FILE_TIFF] = {"TIFF", "image/tiff", "tif"},
    [FILE_HEIC] = {"HEIC", "image/heic", "heic"},
    [FILE_HEIF] = {"HEIF", "image/heif", "heif"},
};
enum { TYPES = sizeof types / sizeof *types, PDF_JUNK_MAX = 1024 };

/* A ledger may hold a number of a later version. */
static size_t known(enum file_type type)
{
    return (unsigned)type < TYPES ? (size_t)type : FILE_UNKNOWN;
}

const char *file_type_name(enum file_type type)
{
    return types[known(type)].name;
}

const char *file_type_mime(enum file_type type)
{
    return types[known(type)].mime;
}

const char *file_type_extension(enum file_type type)
{
    return types[known(type)].extension;
}

static bool starts_with(const uint8_t *p, size_t len, const void *signature, size_t n)
{
    return len >= n && memcmp(p, signature, n) == 0;
}

static bool is_one_of(const uint8_t brand[4], const char *brands)
{
    for (; *brands; brands += 4)
        if (memcmp(brand, brands, 4) == 0)
            return true;
    return false;
}

/* An ISO base media file: its first box names the brands it keeps to, the major one first. */
static enum file_type heif_type(const uint8_t *p, size_t len)
{
    static const char hevc[] = "heicheixhevchevxheimheishevmhevs", heif[] = "mif1msf1heif",
                      av1[] = "avifavis";
    if (len < 16 || memcmp(p + 4, "ftyp", 4) != 0)
        return FILE_UNKNOWN;
    const uint8_t *major = p + 8;
    if (is_one_of(major, hevc))
        return FILE_HEIC;
    if (is_one_of(major, av1))
        return FILE_UNKNOWN;
    size_t box = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    bool has_hevc = false, has_heif = is_one_of(major, heif), has_av1 = false;
    for (size_t at = 16; at + 4 <= box && at + 4 <= len; at += 4) {
        has_hevc |= is_one_of(p + at, hevc);
        has_heif |= is_one_of(p + at, heif);
        has_av1 |= is_one_of(p + at, av1);
    }
    if (has_av1 && !has_hevc)
        return FILE_UNKNOWN;
    if (is_one_of(major, heif))
        return FILE_HEIF;
    return has_hevc ? FILE_HEIC : has_heif ? FILE_HEIF : FILE_UNKNOWN;
}

static bool is_tiff(const uint8_t *p, size_t len)
{
    return starts_with(p, len, "II*\0", 4) || starts_with(p, len, "MM\0*", 4) ||
           starts_with(p, len, "II+\0\10\0\0\0", 8) || starts_with(p, len, "MM\0+\0\10\0\0", 8);
}

static const char pdf[] = {'%', 'P', 'D', 'F', '-'};

static bool is_pdf_behind_junk(const uint8_t *p, size_t len)
{
    enum { MOST = PDF_JUNK_MAX + sizeof pdf - 1 };
    const uint8_t *at = len ? memmem(p, len < MOST ? len : MOST, pdf, sizeof pdf) : NULL;
    return at && !file_is_prose(p, (size_t)(at - p));
}

enum file_type file_type_of(const void *head, size_t len)
{
    const uint8_t *p = head;
    if (starts_with(p, len, pdf, sizeof pdf))
        return FILE_PDF;
    if (starts_with(p, len, "\xff\xd8\xff", 3))
        return FILE_JPEG;
    if (starts_with(p, len, "\x89PNG\r\n\x1a\n", 8))
        return FILE_PNG;
    if (starts_with(p, len, "RIFF", 4) && len >= 12 && memcmp(p + 8, "WEBP", 4) == 0)
        return FILE_WEBP;
    if (is_tiff(p, len))
        return FILE_TIFF;
    enum file_type type = heif_type(p, len);
    if (type != FILE_UNKNOWN || file_signature(head, len))
        return type;
    return is_pdf_behind_junk(p, len) ? FILE_PDF : FILE_UNKNOWN;
}
