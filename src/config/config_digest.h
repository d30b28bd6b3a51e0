/* config_digest.h - what an export or a report was made with, in a few characters. */
#ifndef MB_CONFIG_CONFIG_DIGEST_H
#define MB_CONFIG_CONFIG_DIGEST_H

#include "base/digest.h"
#include "config/config.h"

/* SHA-256 of what config_print says of C, in hex. */
void config_digest(const struct config *c, char out[SHA256_HEX]);

#endif
