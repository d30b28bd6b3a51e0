/* Writing and finding the mark. Finding looks at bytes that anybody may have made: each place where
 * the prefix stands is tried, each byte after it is looked at once at most (a colon ends the try,
 * and the prefix has one), the length is bounded before memory is asked for, and what comes out
 * must have the digest that was written with it and be a JSON object. */
#include "sandbox/invoice/mark.h"
#include "base/digest.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "mindee-batch-sample-1:";

enum { PREFIX_LEN = sizeof prefix - 1, DIGEST_LEN = SHA256_HEX - 1, END = ':' };

void invoice_mark_make(const char *fields_json, struct buffer *out)
{
    size_t len = strlen(fields_json);
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    REQUIRE(len <= INVOICE_MARK_MAX_BYTES);
    sha256(fields_json, len, digest);
    hex_encode(digest, sizeof digest, hex);
    unsigned char *text = xcalloc(1, (len + 2) / 3 * 4 + 1);
    EVP_EncodeBlock(text, (const unsigned char *)fields_json, (int)len);
    buffer_clear(out);
    buffer_printf(out, "%s%s%c%s%c", prefix, hex, END, (const char *)text, END);
    free(text);
}

static bool is_object(const char *json)
{
    cJSON *root = cJSON_Parse(json);
    bool yes = cJSON_IsObject(root);
    cJSON_Delete(root);
    return yes;
}

/* TEXT is what stands between the colons. */
static bool decode(const char *hex, const char *text, size_t len, struct buffer *out)
{
    char expected[SHA256_HEX] = "";
    uint8_t wanted[SHA256_BYTES], got[SHA256_BYTES];
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
    sha256(out->data, out->len, got);
    return memcmp(got, wanted, sizeof got) == 0 && memchr(out->data, '\0', out->len) == NULL &&
           is_object(out->data);
}

bool invoice_mark_find(const void *bytes, size_t len, struct buffer *fields_json)
{
    const size_t max_text = ((size_t)INVOICE_MARK_MAX_BYTES + 2) / 3 * 4;
    const char *at = bytes, *end = len ? at + len : at;
    buffer_clear(fields_json);
    while (at < end && (at = memmem(at, (size_t)(end - at), prefix, PREFIX_LEN)) != NULL) {
        const char *hex = at += PREFIX_LEN;
        if ((size_t)(end - at) < DIGEST_LEN + 1)
            break;
        const char *text = hex + DIGEST_LEN + 1;
        if (hex[DIGEST_LEN] != END)
            continue;
        size_t left = (size_t)(end - text);
        const char *stop = memchr(text, END, left < max_text + 1 ? left : max_text + 1);
        if (stop && decode(hex, text, (size_t)(stop - text), fields_json))
            return true;
        buffer_clear(fields_json);
        if (stop)
            at = text; /* a forged prefix may hide a true one behind it */
    }
    return false;
}
