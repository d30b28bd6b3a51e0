/* See log_id.h. A UUID of version 8: of a digest of the event's name. */
#include "base/log_id.h"

#include "base/digest.h"

#include <stdio.h>

const char *log_event_id(const char *event, char out[LOG_ID_TEXT])
{
    enum { BYTES = 16, VERSION = 6, VARIANT = 8 };
    uint8_t digest[SHA256_BYTES];
    char name[128];
    int len = snprintf(name, sizeof name, "mindee-batch event %s", event);
    sha256(name, (size_t)len < sizeof name ? (size_t)len : sizeof name - 1, digest);
    digest[VERSION] = (uint8_t)((digest[VERSION] & 0x0f) | 0x80);
    digest[VARIANT] = (uint8_t)((digest[VARIANT] & 0x3f) | 0x80);
    hex_encode(digest, BYTES, out);
    return out;
}
