/* resolved_path.h - where a path leads, absolute and without links, as the ledger knows its files. It
 * need not exist, yet or any more: as much of it as does is resolved by the system, and the rest is
 * taken as it is written. */
#ifndef MB_CLI_RESOLVED_PATH_H
#define MB_CLI_RESOLVED_PATH_H

#include <stddef.h>

/* To be freed. */
char *resolved_path(const char *path);
/* The same, but the last COUNT components stay as they are written, links too. NULL: there are not so
 * many, or "." or ".." is one of them. */
char *resolved_but_last(const char *path, size_t count);

#endif
