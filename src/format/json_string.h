/* json_string.h - text as a JSON string, byte for byte: what a reader decodes is what was there, a NUL
 * too. TEXT is valid UTF-8. */
#ifndef MB_FORMAT_JSON_STRING_H
#define MB_FORMAT_JSON_STRING_H

#include "base/buffer.h"
#include "format/block_output.h"

void json_string(struct block_output *out, const char *text, size_t len); /* with its quotes */
void json_string_put(struct buffer *out, const char *text, size_t len);   /* the same, appended */

#endif
