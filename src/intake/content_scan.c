/* See content_scan.h. A PDF's trailer is never compressed, so an encrypted one always shows its
 * "/Encrypt"; the word can also stand in a text, so it is a reason to look closer and no more. An
 * animated PNG says so with an acTL chunk before its first IDAT: headers of chunks are read, their
 * contents skipped. */
#include "intake/content_scan.h"

#include <stddef.h>
#include <string.h>

static const char word[] = {'/', 'E', 'n', 'c', 'r', 'y', 'p', 't'};
enum { PNG_SIGNATURE = 8, PNG_CRC = 4 };

void content_scan_init(struct content_scan *s, enum file_type type)
{
    *s = (struct content_scan){.type = type, .skip = PNG_SIGNATURE};
}

/* By its slash: memmem() takes many times as long on bytes in which none is likely. */
static bool holds_word(const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len, *at = data;
    while (end - at >= (ptrdiff_t)sizeof word &&
           (at = memchr(at, word[0], (size_t)(end - at) - sizeof word + 1)) != NULL) {
        if (memcmp(at, word, sizeof word) == 0)
            return true;
        at++;
    }
    return false;
}

static void scan_pdf(struct content_scan *s, const uint8_t *data, size_t len)
{
    uint8_t edge[2 * sizeof word];
    size_t ahead = len < sizeof word - 1 ? len : sizeof word - 1;
    memcpy(edge, s->tail, s->tail_len);
    memcpy(edge + s->tail_len, data, ahead);
    size_t joined = s->tail_len + ahead;
    s->encrypt_seen = holds_word(edge, joined) || holds_word(data, len);

    const uint8_t *end = len >= sizeof word - 1 ? data + len : edge + joined;
    s->tail_len = len >= sizeof word - 1 || joined >= sizeof word - 1 ? sizeof word - 1 : joined;
    memcpy(s->tail, end - s->tail_len, s->tail_len);
}

static void meet_chunk(struct content_scan *s)
{
    const uint8_t *c = s->chunk;
    uint64_t length = (uint64_t)c[0] << 24 | (uint64_t)c[1] << 16 | (uint64_t)c[2] << 8 | c[3];
    s->animated = memcmp(c + 4, "acTL", 4) == 0;
    s->decided = s->animated || memcmp(c + 4, "IDAT", 4) == 0 || length > INT32_MAX;
    s->skip = length + PNG_CRC;
    s->chunk_len = 0;
}

static void scan_png(struct content_scan *s, const uint8_t *data, size_t len)
{
    while (len && !s->decided) {
        if (s->skip) {
            size_t n = s->skip < len ? (size_t)s->skip : len;
            s->skip -= n;
            data += n;
            len -= n;
        } else {
            s->chunk[s->chunk_len++] = *data++;
            len--;
            if (s->chunk_len == sizeof s->chunk)
                meet_chunk(s);
        }
    }
}

void content_scan_feed(struct content_scan *s, const uint8_t *data, size_t len)
{
    if (s->type == FILE_PDF && !s->encrypt_seen)
        scan_pdf(s, data, len);
    else if (s->type == FILE_PNG)
        scan_png(s, data, len);
}
