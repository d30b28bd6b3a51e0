/* export.h - `mindee-batch export`, for commands that end with one. */
#ifndef MB_CLI_EXPORT_H
#define MB_CLI_EXPORT_H

#include "cli/command.h"

/* All of CL's ledger in FORMAT, to TO (NULL: to where exports go), without a word but of what is wrong. The
 * exit code. */
int export_as(const struct command_line *cl, const char *format, const char *to);

#endif
