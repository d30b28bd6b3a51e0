/* file_link.h - links from a file that is kept (a workbook, a page) to the inputs beside it. */
#ifndef MB_FORMAT_FILE_LINK_H
#define MB_FORMAT_FILE_LINK_H

#include "base/buffer.h"

/* Appends FILE as it is reached from DIRECTORY (both absolute, FILE as bytes): relative, percent-encoded. A name like
 * "javascript:x" is no scheme then, nor anything else but a name. False and nothing: they aren't absolute. */
bool file_link(struct buffer *out, const char *directory, const char *file);

#endif
