/* See content_scan.h. A PDF's trailer is never compressed, so an encrypted one always shows its
 * "/Encrypt", letters of it perhaps written as #xx; the word can also stand in a text, so it is a
 * reason to look closer and no more. An
 * animated PNG says so with an acTL chunk before its first IDAT: headers of chunks are read, their
 * contents skipped. */
#include "intake/content_scan.h"

#include <stddef.h>
#include <string.h>

static const char word[] = {'/', 'E', 'n', 'c', 'r', 'y', 'p', 't'};
enum { PNG_SIGNATURE = 8, PNG_CRC = 4, EDGE = CONTENT_SCAN_WORD - 1 };

void content_scan_init(struct content_scan *s, enum file_type type)
{
    *s = (struct content_scan){.type = type, .skip = PNG_SIGNATURE};
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Whether the word begins at AT, which is a slash. */
static bool is_word(const uint8_t *at, const uint8_t *end)
{
    for (size_t i = 1; i < sizeof word; i++) {
        if (++at >= end)
            return false;
        int c = *at;
        if (c == '#' && end - at > 2 && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
            c = hex_digit(at[1]) << 4 | hex_digit(at[2]);
            at += 2;
        }
        if (c != word[i])
            return false;
    }
    return true;
}

/* By its slash: memmem() takes many times as long on bytes in which none is likely. */
static bool holds_word(const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len, *at = data;
    while (at < end && (at = memchr(at, word[0], (size_t)(end - at))) != NULL) {
        if (is_word(at, end))
            return true;
        at++;
    }
    return false;
}

static void scan_pdf(struct content_scan *s, const uint8_t *data, size_t len)
{
    uint8_t edge[2 * EDGE];
    size_t ahead = len < EDGE ? len : EDGE;
    memcpy(edge, s->tail, s->tail_len);
    memcpy(edge + s->tail_len, data, ahead);
    size_t joined = s->tail_len + ahead;
    s->encrypt_seen = holds_word(edge, joined) || holds_word(data, len);

    const uint8_t *end = len >= EDGE ? data + len : edge + joined;
    s->tail_len = len >= EDGE || joined >= EDGE ? EDGE : joined;
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
