/* Looking at bytes for a few marks, without parsing: fast, and wrong at worst about the pages of a
 * PDF whose objects are compressed (then the largest /Count that shows, or 1). */
#include "sandbox/upload.h"

#include <string.h>

enum { PDF_HEADER_WITHIN = 1024, PAGES_MAX = 100000 };

static bool starts(const char *b, size_t len, size_t at, const char *mark, size_t mark_len)
{
    return len >= at + mark_len && memcmp(b + at, mark, mark_len) == 0;
}

/* Whether an ISO media file's brand, major or compatible, is one of an image of the HEIF family. */
static const char *heif_type(const char *b, size_t len)
{
    static const char *const heic[] = {"heic", "heix", "hevc", "hevx", "heim", "heis"};
    static const char *const heif[] = {"mif1", "msf1", "heif"};
    for (size_t at = 8; at + 4 <= len && at < 64; at += at == 8 ? 8 : 4) {
        for (size_t i = 0; i < sizeof heic / sizeof *heic; i++) {
            if (memcmp(b + at, heic[i], 4) == 0)
                return "image/heic";
        }
    }
    for (size_t at = 8; at + 4 <= len && at < 64; at += at == 8 ? 8 : 4) {
        for (size_t i = 0; i < sizeof heif / sizeof *heif; i++) {
            if (memcmp(b + at, heif[i], 4) == 0)
                return "image/heif";
        }
    }
    return NULL;
}

const char *upload_type(const void *bytes, size_t len)
{
    const char *b = bytes;
    size_t head = len < PDF_HEADER_WITHIN ? len : PDF_HEADER_WITHIN;
    if (starts(b, len, 0, "\xff\xd8\xff", 3))
        return "image/jpeg";
    if (starts(b, len, 0, "\x89PNG\r\n\x1a\n", 8)) {
        /* An animated one has its control chunk before the data. */
        bool animated = memmem(b, head, "acTL", 4) != NULL;
        return animated ? NULL : "image/png";
    }
    if (starts(b, len, 0, "RIFF", 4) && starts(b, len, 8, "WEBP", 4))
        return "image/webp";
    if (starts(b, len, 0, "II*\0", 4) || starts(b, len, 0, "MM\0*", 4) ||
        starts(b, len, 0, "II+\0", 4) || starts(b, len, 0, "MM\0+", 4))
        return "image/tiff";
    if (starts(b, len, 4, "ftyp", 4))
        return heif_type(b, len);
    if (head > 0 && memmem(b, head, "%PDF-", 5) != NULL)
        return "application/pdf";
    return NULL;
}

/* An object, and what a reader begins with: the end. Readers mend much, but not a file that has
 * neither. */
bool upload_is_whole_pdf(const void *bytes, size_t len)
{
    return memmem(bytes, len, "obj", 3) != NULL &&
           (memmem(bytes, len, "%%EOF", 5) != NULL || memmem(bytes, len, "startxref", 9) != NULL);
}

bool upload_is_encrypted(const void *bytes, size_t len)
{
    const char *at = bytes, *end = at + len;
    while (at < end && (at = memmem(at, (size_t)(end - at), "/Encrypt", 8)) != NULL) {
        at += 8;
        /* "/Encrypt 5 0 R" or "/Encrypt <<": not "/EncryptMetadata". */
        if (at < end && strchr(" \t\r\n<", *at) != NULL)
            return true;
    }
    return false;
}

/* Objects of "/Type /Page", not "/Pages", with or without a space between. */
static int count_page_objects(const char *b, size_t len)
{
    int pages = 0;
    const char *at = b, *end = b + len;
    while (at < end && (at = memmem(at, (size_t)(end - at), "/Type", 5)) != NULL) {
        at += 5;
        while (at < end && strchr(" \t\r\n", *at) != NULL && *at != 0)
            at++;
        if (end - at > 5 && memcmp(at, "/Page", 5) == 0 && at[5] != 's' && pages < PAGES_MAX)
            pages++;
    }
    return pages;
}

static int largest_count(const char *b, size_t len)
{
    int largest = 0;
    const char *at = b, *end = b + len;
    while (at < end && (at = memmem(at, (size_t)(end - at), "/Count ", 7)) != NULL) {
        at += 7;
        int n = 0;
        for (; at < end && *at >= '0' && *at <= '9' && n < PAGES_MAX; at++)
            n = n * 10 + (*at - '0');
        if (n > largest && n <= PAGES_MAX)
            largest = n;
    }
    return largest;
}

int upload_pages(const char *type, const void *bytes, size_t len)
{
    if (strcmp(type, "application/pdf") != 0)
        return 1;
    int pages = count_page_objects(bytes, len);
    if (pages == 0)
        pages = largest_count(bytes, len);
    return pages > 0 ? pages : 1;
}
