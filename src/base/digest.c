/* See digest.h. Contexts are reused: fetching the algorithm costs more than
 * hashing a small file. */
#include "base/digest.h"
#include "base/error.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

struct sha256 {
    EVP_MD_CTX *ctx;
};

static void start(struct sha256 *s)
{
    REQUIRE(EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) == 1);
}

struct sha256 *sha256_new(void)
{
    struct sha256 *s = xcalloc(1, sizeof *s);
    s->ctx = EVP_MD_CTX_new();
    REQUIRE(s->ctx != NULL);
    start(s);
    return s;
}

void sha256_update(struct sha256 *s, const void *data, size_t len)
{
    REQUIRE(EVP_DigestUpdate(s->ctx, data, len) == 1);
}

void sha256_final(struct sha256 *s, uint8_t out[SHA256_BYTES])
{
    REQUIRE(EVP_DigestFinal_ex(s->ctx, out, NULL) == 1);
    start(s);
}

void sha256_free(struct sha256 *s)
{
    if (!s)
        return;
    EVP_MD_CTX_free(s->ctx);
    free(s);
}

void sha256(const void *data, size_t len, uint8_t out[SHA256_BYTES])
{
    REQUIRE(EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1);
}

void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                 uint8_t out[SHA256_BYTES])
{
    REQUIRE(HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL) != NULL);
}

void hex_encode(const void *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = data;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * len] = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int hex_decode(const char *text, void *out, size_t len)
{
    uint8_t *p = out;
    if (strlen(text) != 2 * len)
        return ERR_FORMAT;
    for (size_t i = 0; i < len; i++) {
        int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return ERR_FORMAT;
        p[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

bool bytes_equal_constant_time(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}
