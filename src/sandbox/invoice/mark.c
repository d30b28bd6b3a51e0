/* Writing and finding the mark. Finding looks at bytes that anybody may have made: each place where
 * the prefix stands is tried, each byte after it is looked at once at most (a colon ends the try,
 * and the prefix has one), the length is bounded before memory is asked for, what is inflated ends
 * at the bound, and what comes out must have the digest that was written with it and be a JSON
 * object. */
#include "sandbox/invoice/mark.h"
#include "base/digest.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const char prefix[] = "mindee-batch-sample-2:";

enum { PREFIX_LEN = sizeof prefix - 1, DIGEST_LEN = SHA256_HEX - 1, END = ':' };

void invoice_mark_make(const char *json, struct buffer *out)
{
    size_t len = strlen(json);
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    REQUIRE(len <= INVOICE_MARK_MAX_BYTES);
    sha256(json, len, digest);
    hex_encode(digest, sizeof digest, hex);
    uLongf packed_len = compressBound((uLong)len);
    unsigned char *packed = xcalloc(1, packed_len);
    int rc = compress2(packed, &packed_len, (const Bytef *)json, (uLong)len, Z_BEST_COMPRESSION);
    REQUIRE(rc == Z_OK);
    unsigned char *text = xcalloc(1, (packed_len + 2) / 3 * 4 + 1);
    EVP_EncodeBlock(text, packed, (int)packed_len);
    buffer_clear(out);
    buffer_printf(out, "%s%s%c%s%c", prefix, hex, END, (const char *)text, END);
    free(packed);
    free(text);
}

static bool is_object(const char *json)
{
    cJSON *root = cJSON_Parse(json);
    bool yes = cJSON_IsObject(root);
    cJSON_Delete(root);
    return yes;
}

/* Into OUT, at most INVOICE_MARK_MAX_BYTES. */
static bool inflate_whole(const void *packed, size_t len, struct buffer *out)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed, .avail_in = (uInt)len};
    int rc = Z_OK;
    buffer_clear(out);
    if (inflateInit(&z) != Z_OK)
        return false;
    while (rc == Z_OK && out->len < INVOICE_MARK_MAX_BYTES) {
        char block[16384];
        z.next_out = (Bytef *)block;
        z.avail_out = sizeof block;
        rc = inflate(&z, Z_NO_FLUSH);
        if ((rc == Z_OK || rc == Z_STREAM_END) &&
            buffer_append(out, block, sizeof block - z.avail_out) != 0)
            rc = Z_MEM_ERROR;
    }
    inflateEnd(&z);
    return rc == Z_STREAM_END && out->len <= INVOICE_MARK_MAX_BYTES;
}

static bool is_whole(const struct buffer *packed, const uint8_t wanted[SHA256_BYTES])
{
    struct buffer json;
    uint8_t got[SHA256_BYTES];
    buffer_init(&json, 0);
    bool good = inflate_whole(packed->data, packed->len, &json) && json.len > 0;
    if (good) {
        sha256(json.data, json.len, got);
        good = memcmp(got, wanted, sizeof got) == 0 && memchr(json.data, '\0', json.len) == NULL &&
               is_object(json.data);
    }
    buffer_release(&json);
    return good;
}

/* TEXT is what stands between the colons. */
static bool decode(const char *hex, const char *text, size_t len, struct buffer *out)
{
    char expected[SHA256_HEX] = "";
    uint8_t wanted[SHA256_BYTES];
    memcpy(expected, hex, DIGEST_LEN);
    if (len == 0 || len % 4 != 0 || hex_decode(expected, wanted, sizeof wanted) != 0)
        return false;
    if (buffer_reserve(out, len) != 0)
        return false;
    int n = EVP_DecodeBlock((unsigned char *)out->data, (const unsigned char *)text, (int)len);
    if (n <= 0)
        return false;
    n -= (text[len - 1] == '=') + (text[len - 2] == '=');
    out->data[n] = '\0';
    out->len = (size_t)n;
    return is_whole(out, wanted);
}

bool invoice_mark_find(const void *bytes, size_t len, struct buffer *packed)
{
    const size_t max_text = ((size_t)INVOICE_MARK_MAX_BYTES + 2) / 3 * 4;
    const char *at = bytes, *end = len ? at + len : at;
    buffer_clear(packed);
    while (at < end && (at = memmem(at, (size_t)(end - at), prefix, PREFIX_LEN)) != NULL) {
        const char *hex = at += PREFIX_LEN;
        if ((size_t)(end - at) < DIGEST_LEN + 1)
            break;
        const char *text = hex + DIGEST_LEN + 1;
        if (hex[DIGEST_LEN] != END)
            continue;
        size_t left = (size_t)(end - text);
        const char *stop = memchr(text, END, left < max_text + 1 ? left : max_text + 1);
        if (stop && decode(hex, text, (size_t)(stop - text), packed))
            return true;
        buffer_clear(packed);
        if (stop)
            at = text; /* a forged prefix may hide a true one behind it */
    }
    return false;
}

void invoice_mark_unpack(const void *packed, size_t len, struct buffer *json)
{
    bool whole = inflate_whole(packed, len, json);
    REQUIRE(whole); /* it was when it was found */
}
