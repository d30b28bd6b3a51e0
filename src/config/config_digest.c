/* See config_digest.h. */
#include "config/config_digest.h"

void config_digest(const struct config *c, char out[SHA256_HEX])
{
    struct buffer text;
    uint8_t digest[SHA256_BYTES];
    buffer_init(&text, 0);
    config_print(c, &text);
    sha256(buffer_text(&text), text.len, digest);
    hex_encode(digest, sizeof digest, out);
    buffer_release(&text);
}
