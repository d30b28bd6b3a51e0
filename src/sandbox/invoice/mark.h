/* mark.h - the true values as a piece of plain text that any file format can carry:
 *
 *   mindee-batch-sample-1:<SHA-256 of the JSON, hex>:<the JSON, base64>:
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
void invoice_mark_make(const char *fields_json, struct buffer *out);

/* Whether these bytes, of any origin, carry a sample's values; then FIELDS_JSON (initialised by the
 * caller; its content is replaced) holds the `fields` object of the extraction result as JSON text.
 * Time and memory are bounded by LEN and INVOICE_MARK_MAX_BYTES. On false FIELDS_JSON is empty. */
bool invoice_mark_find(const void *bytes, size_t len, struct buffer *fields_json);

#endif
