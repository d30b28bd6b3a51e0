/* token_file.h - http.token_file: what lets in whoever knows it. */
#ifndef MB_MONITOR_TOKEN_FILE_H
#define MB_MONITOR_TOKEN_FILE_H

#include "base/error.h"
#include "base/file_stamp.h"

/* The first line of the file at PATH, to be wiped and freed, and the file's stamp. NULL: ERR_USAGE: it can't be read, others
 * can, or it is empty. */
char *token_file_read(const char *path, struct file_stamp *stamp, struct error *e);
bool token_file_changed(const char *path, const struct file_stamp *stamp);

#endif
