/* digest.h - SHA-256 and HMAC-SHA-256, by libcrypto. */
#ifndef MB_BASE_DIGEST_H
#define MB_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_HEX = 65 /* with the NUL */ };

struct sha256; /* one digest being made */

struct sha256 *sha256_new(void);
void sha256_update(struct sha256 *s, const void *data, size_t len);
void sha256_final(struct sha256 *s,
                  uint8_t out[SHA256_BYTES]); /* ready for the next message after */
void sha256_free(struct sha256 *s);

void sha256(const void *data, size_t len, uint8_t out[SHA256_BYTES]);
void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                 uint8_t out[SHA256_BYTES]);

/* Lower-case hex; OUT holds 2 * LEN + 1 bytes. */
void hex_encode(const void *data, size_t len, char *out);
/* 0, or ERR_FORMAT unless TEXT is exactly 2 * LEN hex digits. */
int hex_decode(const char *text, void *out, size_t len) __attribute__((warn_unused_result));

/* In a time that doesn't depend on where they differ. */
bool bytes_equal_constant_time(const void *a, const void *b, size_t len);

#endif
