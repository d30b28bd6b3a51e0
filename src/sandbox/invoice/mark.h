/* mark.h - the true values as a piece of plain text that any file format can carry:
 *
 *   mindee-batch-sample-1:<SHA-256 of the JSON, hex>:<the JSON, base64>:
 *
 * One line of ASCII without brackets, backslashes or percent signs: safe as a PDF comment, a PNG
 * text chunk and a JPEG comment. sample_truth_find (samples.h) reads it back. */
#ifndef MB_SANDBOX_INVOICE_MARK_H
#define MB_SANDBOX_INVOICE_MARK_H

#include "base/buffer.h"

/* OUT's content is replaced. */
void invoice_mark_make(const char *fields_json, struct buffer *out);

#endif
