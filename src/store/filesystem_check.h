/* filesystem_check.h - where a database may live, and making its files for nobody else's eyes. */
#ifndef MB_STORE_FILESYSTEM_CHECK_H
#define MB_STORE_FILESYSTEM_CHECK_H

#include "base/error.h"

#include <stdbool.h>

/* 0, or ERR_USAGE if PATH, which exists, is on a network file system. OPTION names the way out
 * ("ledger.path"). */
MUST_CHECK int filesystem_check(const char *path, const char *option, struct error *e);

/* Makes PATH, empty and 0600 whatever the umask, if nothing is there; *CREATED says whether. A file
 * that is there isn't opened: closing it would drop SQLite's locks on it. */
MUST_CHECK int filesystem_check_create(const char *path, bool *created, struct error *e);

/* Syncs the directory that PATH is in, so that a new file's name outlives a power cut. */
MUST_CHECK int filesystem_check_sync_directory(const char *path, struct error *e);

/* The directory part of PATH; owned by the caller. */
char *filesystem_check_directory(const char *path);

#endif
