/* Bodies that were compressed or marked on their way, and those that only say so. */
#include "net/content_encoding.h"

#include "base/error.h"
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

static const char TEXT[] = "{\"job\": {\"id\": \"11111111-2222-4333-8444-555555555555\"}}";

enum { GZIP = 15 + 16, ZLIB = 15, RAW = -15, MAX = 10000 };

static void put(struct buffer *b, const void *bytes, size_t len)
{
    assert_int_equal(buffer_append(b, bytes, len), 0);
}

/* Appends LEN bytes compressed. */
static void put_compressed(struct buffer *b, int window, const void *bytes, size_t len)
{
    unsigned char out[64 * 1024];
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (uInt)len;
    z.next_out = out;
    z.avail_out = sizeof out;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    put(b, out, sizeof out - z.avail_out);
    deflateEnd(&z);
}

static struct buffer fresh(size_t max)
{
    struct buffer b;
    buffer_init(&b, max);
    return b;
}

static struct buffer compressed(int window, const void *bytes, size_t len)
{
    struct buffer b = fresh(MAX);
    put_compressed(&b, window, bytes, len);
    return b;
}

static void check(struct buffer body, const char *header, int rc, const char *text)
{
    struct buffer before = fresh(0);
    put(&before, buffer_text(&body), body.len);
    assert_int_equal(content_decode(&body, header), rc);
    if (text) {
        assert_string_equal(buffer_text(&body), text);
        assert_int_equal(body.len, strlen(text));
    } else {
        assert_int_equal(body.len, before.len);
        assert_memory_equal(buffer_text(&body), buffer_text(&before), before.len);
    }
    assert_int_equal(body.max_len, MAX);
    buffer_release(&body);
    buffer_release(&before);
}

static struct buffer text_of(const char *text)
{
    struct buffer b = fresh(MAX);
    put(&b, text, strlen(text));
    return b;
}

static void what_is_compressed_is_decoded(void **state)
{
    (void)state;
    size_t len = strlen(TEXT);
    check(compressed(GZIP, TEXT, len), "gzip", 0, TEXT);
    check(compressed(GZIP, TEXT, len), "x-gzip", 0, TEXT);
    check(compressed(GZIP, TEXT, len), "", 0, TEXT); /* the header was lost */
    check(compressed(GZIP, TEXT, len), "br", 0, TEXT);
    check(compressed(ZLIB, TEXT, len), "deflate", 0, TEXT);
    check(compressed(RAW, TEXT, len), "Deflate", 0, TEXT);
    struct buffer members = compressed(GZIP, TEXT, 10);
    put_compressed(&members, GZIP, TEXT + 10, len - 10);
    check(members, "gzip", 0, TEXT);
    struct buffer inner = compressed(GZIP, TEXT, len);
    check(compressed(GZIP, inner.data, inner.len), "gzip, gzip", 0, TEXT);
    check(compressed(ZLIB, inner.data, inner.len), "gzip, deflate", 0, TEXT);
    buffer_release(&inner);
    check(compressed(GZIP, "", 0), "gzip", 0, "");
}

static void what_isnt_is_left_as_it_is(void **state)
{
    (void)state;
    check(text_of(TEXT), "", 0, TEXT);
    check(text_of(TEXT), "gzip", 0, TEXT); /* decoded on the way, and the header forgotten */
    check(text_of(" \n[]"), "deflate", 0, " \n[]");
    check(text_of("bytes"), "identity", 0, "bytes");
    check(text_of(""), "gzip", 0, "");
    check(text_of("\x1f\x8b"), "", 0, "\x1f\x8b");
}

static void a_mark_is_dropped(void **state)
{
    (void)state;
    char marked[100];
    snprintf(marked, sizeof marked, "\xef\xbb\xbf%s", TEXT);
    check(text_of(marked), "", 0, TEXT);
    check(text_of(marked), "identity", 0, TEXT);
    check(compressed(GZIP, marked, strlen(marked)), "gzip", 0, TEXT);
    check(text_of("\xef\xbb\xbf"), "", 0, "");
    check(text_of("\xef\xbb"), "", 0, "\xef\xbb");
}

static void what_cant_be_decoded_is_refused(void **state)
{
    (void)state;
    struct buffer b = compressed(GZIP, TEXT, strlen(TEXT));
    b.len -= 9; /* cut */
    check(b, "gzip", ERR_FORMAT, NULL);
    b = compressed(GZIP, TEXT, strlen(TEXT));
    b.data[b.len - 6] ^= 1; /* its checksum */
    check(b, "gzip", ERR_FORMAT, NULL);
    b = compressed(GZIP, TEXT, strlen(TEXT));
    put(&b, "more", 4);
    check(b, "gzip", ERR_FORMAT, NULL);
    check(text_of("bytes"), "gzip", ERR_FORMAT, NULL);
    check(text_of("bytes"), "deflate", ERR_FORMAT, NULL);
    check(text_of("bytes"), "br", ERR_FORMAT, NULL);
}

static void bombs_are_refused(void **state)
{
    (void)state;
    static const char zeros[MAX + 1];
    check(compressed(GZIP, zeros, sizeof zeros), "gzip", ERR_LIMIT, NULL);
    check(compressed(ZLIB, zeros, sizeof zeros), "deflate", ERR_LIMIT, NULL);
    struct buffer inner = compressed(GZIP, zeros, sizeof zeros);
    check(compressed(GZIP, inner.data, inner.len), "gzip", ERR_LIMIT, NULL);
    buffer_release(&inner);
    struct buffer nested = compressed(GZIP, TEXT, strlen(TEXT));
    for (int i = 0; i < 10; i++) {
        struct buffer outer = compressed(GZIP, nested.data, nested.len);
        buffer_release(&nested);
        nested = outer;
    }
    check(nested, "gzip", ERR_FORMAT, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_compressed_is_decoded),
        cmocka_unit_test(what_isnt_is_left_as_it_is),
        cmocka_unit_test(a_mark_is_dropped),
        cmocka_unit_test(what_cant_be_decoded_is_refused),
        cmocka_unit_test(bombs_are_refused),
    };
    return cmocka_run_group_tests_name("content_encoding", tests, NULL, NULL);
}
