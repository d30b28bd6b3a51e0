/* image.h - pixels into the bytes of a PNG or a JPEG, with a comment inside. */
#ifndef MB_SANDBOX_INVOICE_IMAGE_H
#define MB_SANDBOX_INVOICE_IMAGE_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdint.h>

struct pixels {
    const unsigned char *data; /* rows of native-endian 0x00RRGGBB, as cairo lays them out */
    int width, height, stride; /* stride in bytes */
};

/* 16 shades of grey, COMMENT as a tEXt chunk. OUT's content is replaced. 0 or ERR_FORMAT. */
MUST_CHECK int image_encode_png(const struct pixels *p, const char *comment, struct buffer *out,
                                struct error *e);

/* Colour, COMMENT (below 64 KB) as a COM segment. OUT's content is replaced. 0 or ERR_FORMAT. */
MUST_CHECK int image_encode_jpeg(const struct pixels *p, const char *comment, struct buffer *out,
                                 struct error *e);

#endif
