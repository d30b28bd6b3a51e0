/* secret_file.h - secrets that stand in a file, as people's editors leave them: a line each, with or
 * without a byte order mark, with either system's line ends.
 *
 *   lines = secret_file_lines(path, 16, "config.secret_file", &e);    NULL: ERR_USAGE or ERR_MEMORY
 *   secret_lines_free(lines);                                         wipes them
 *
 * Memory that held a secret is wiped before it goes. A file that anybody may read is used, with a
 * warning. */
#ifndef MB_BASE_SECRET_FILE_H
#define MB_BASE_SECRET_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/* A descriptor, or ERR_USAGE. EVENT is the warning's name. */
MUST_CHECK int secret_file_open(const char *path, const char *event, struct error *e);
/* TEXT without a byte order mark; what a mark says is UTF-16 is narrowed if it is ASCII. */
void secret_text_plain(struct buffer *text);

/* The lines that aren't empty, without the blanks around them, at least one, NULL-ended. */
char **secret_file_lines(const char *path, size_t most, const char *event, struct error *e);
void secret_lines_free(char **lines); /* may be NULL */
void secret_buffer_wipe(struct buffer *b);

#endif
