/* mark.h - what a sample's file says (truth.h) as a piece of plain text that any file format can
 * carry:
 *
 *   mindee-batch-sample-2:<SHA-256 of the JSON, hex>:<the JSON, deflated, base64>:
 *
 * One line of ASCII without brackets, backslashes or percent signs: safe as a PDF comment, a PNG
 * text chunk and a JPEG comment. invoice_mark_find reads it back. */
#ifndef MB_SANDBOX_INVOICE_MARK_H
#define MB_SANDBOX_INVOICE_MARK_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum { INVOICE_MARK_MAX_BYTES = 1 << 20 }; /* of the JSON */

/* OUT's content is replaced. */
void invoice_mark_make(const char *json, struct buffer *out);

/* Whether these bytes, of any origin, carry a sample's values; then PACKED (initialised by the
 * caller; its content is replaced) holds them, to be unpacked. Time and memory are bounded by LEN
 * and INVOICE_MARK_MAX_BYTES. On false PACKED is empty. */
bool invoice_mark_find(const void *bytes, size_t len, struct buffer *packed);
/* The JSON, an object, of what invoice_mark_find found; JSON's content is replaced. */
void invoice_mark_unpack(const void *packed, size_t len, struct buffer *json);

#endif
