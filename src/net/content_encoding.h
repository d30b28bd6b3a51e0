/* content_encoding.h - an answer's body as its author wrote it. We ask for no compression, and
 * something on the way may compress all the same, or put a byte order mark in front.
 *
 *   rc = content_decode(&body, header);    BODY is replaced; its max_len bounds every step
 *
 * What counts is what the bytes are: gzip is known by its first bytes, whatever the header says, and
 * a text that was decoded on the way is left as it is, whatever the header still says. Private to
 * src/net. */
#ifndef MB_NET_CONTENT_ENCODING_H
#define MB_NET_CONTENT_ENCODING_H

#include "base/buffer.h"

enum { CONTENT_ENCODING_MAX = 64 };

/* HEADER: Content-Encoding's value, "" if there was none. 0; ERR_LIMIT: it would be larger than
 * BODY may be (a bomb); ERR_FORMAT: damaged, or in an encoding that isn't gzip or deflate;
 * ERR_MEMORY. BODY is unchanged after an error. */
MUST_CHECK int content_decode(struct buffer *body, const char *header);

#endif
