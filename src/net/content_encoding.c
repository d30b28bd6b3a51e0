/* See content_encoding.h. Bodies are compressed once as a rule; LAYERS_MAX bounds what somebody
 * wraps again and again. Each layer is inflated into a buffer with the same bound, so that neither
 * memory nor time depends on what the bytes promise. */
#include "net/content_encoding.h"

#include "base/error.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum { LAYERS_MAX = 3 };

enum { WINDOW_GZIP = 15 + 16, WINDOW_ZLIB = 15, WINDOW_RAW = -15 }; /* zlib's windowBits */

/* 0, and OUT holds it; OUT is to be released in any case. Several gzip members in a row are one
 * text. */
static int inflate_all(const struct buffer *in, int window, struct buffer *out)
{
    unsigned char block[16 * 1024];
    z_stream z = {0};
    if (in->len > UINT_MAX || inflateInit2(&z, window) != Z_OK)
        return ERR_MEMORY;
    z.next_in = (unsigned char *)in->data;
    z.avail_in = (uInt)in->len;
    int rc = 0, code = Z_OK;
    while (rc == 0 && code == Z_OK) {
        z.next_out = block;
        z.avail_out = sizeof block;
        code = inflate(&z, Z_NO_FLUSH);
        rc = buffer_append(out, block, sizeof block - z.avail_out);
        bool more = code == Z_STREAM_END && window == WINDOW_GZIP && z.avail_in > 0;
        if (rc == 0 && more)
            code = inflateReset(&z);
    }
    inflateEnd(&z);
    if (rc == 0 && (code != Z_STREAM_END || z.avail_in > 0))
        rc = code == Z_MEM_ERROR ? ERR_MEMORY : ERR_FORMAT;
    return rc;
}

static void replace(struct buffer *body, struct buffer *by)
{
    buffer_release(body);
    *body = *by;
    buffer_init(by, 0);
}

static int inflate_in_place(struct buffer *body, int window)
{
    struct buffer out;
    buffer_init(&out, body->max_len);
    int rc = inflate_all(body, window, &out);
    if (rc == 0)
        replace(body, &out);
    buffer_release(&out);
    return rc;
}

static bool begins_with(const struct buffer *body, const char *bytes)
{
    size_t len = strlen(bytes);
    return body->len >= len && memcmp(body->data, bytes, len) == 0;
}

static const char mark[] = "\xef\xbb\xbf"; /* U+FEFF in UTF-8 */
enum { MARK_BYTES = sizeof mark - 1 };

static void drop_mark(struct buffer *body)
{
    if (!begins_with(body, mark))
        return;
    body->len -= MARK_BYTES;
    memmove(body->data, body->data + MARK_BYTES, body->len + 1);
}

/* JSON as it is. No deflated JSON begins with one of these bytes. */
static bool is_json(const struct buffer *body)
{
    const char *text = buffer_text(body);
    size_t skip = strspn(text, " \t\n");
    return skip == body->len || text[skip] == '{' || text[skip] == '[';
}

static bool is_gzip(const struct buffer *body)
{
    return begins_with(body, "\x1f\x8b\x08");
}

/* The outermost layer, whose encoding the header may have to tell. */
static int decode_first(struct buffer *body, const char *header)
{
    if (is_gzip(body))
        return inflate_in_place(body, WINDOW_GZIP);
    if (!*header || strcasecmp(header, "identity") == 0 || is_json(body))
        return 0;
    if (strcasestr(header, "deflate") == NULL)
        return ERR_FORMAT;
    int rc = inflate_in_place(body, WINDOW_ZLIB);
    return rc == ERR_FORMAT ? inflate_in_place(body, WINDOW_RAW) : rc;
}

int content_decode(struct buffer *body, const char *header)
{
    struct buffer decoded;
    if (!*header && !is_gzip(body) && !begins_with(body, mark))
        return 0;
    buffer_init(&decoded, body->max_len);
    int rc = buffer_append(&decoded, buffer_text(body), body->len);
    if (rc == 0) {
        drop_mark(&decoded);
        rc = decode_first(&decoded, header);
    }
    for (int layers = 1; rc == 0 && is_gzip(&decoded); layers++)
        rc = layers < LAYERS_MAX ? inflate_in_place(&decoded, WINDOW_GZIP) : ERR_FORMAT;
    drop_mark(&decoded);
    if (rc == 0)
        replace(body, &decoded);
    buffer_release(&decoded);
    return rc;
}
