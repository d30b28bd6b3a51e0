/* safe_file.h - files that are whole or not there: written under another name in the same
 * directory, then renamed. */
#ifndef MB_BASE_SAFE_FILE_H
#define MB_BASE_SAFE_FILE_H

#include "base/error.h"
#include "base/file_access.h"

#include <stdio.h>

/* Makes DIRECTORY and what is missing above it, for A. 0 or ERR_IO, with errno (0: the system has no
 * word for it); ERR_PASSING for trouble that passes (trouble.h), which a full disk's isn't. */
MUST_CHECK int directory_make(const char *directory, enum file_access a, struct error *e);

struct safe_file {
    FILE *stream; /* write here */
    char *path, *temporary;
};

/* Opens a new file that will become PATH, for A. */
MUST_CHECK int safe_file_open(struct safe_file *f, const char *path, enum file_access a,
                              struct error *e);
/* Flushes, syncs, renames. On any error nothing of PATH has changed. Releases F either way. */
MUST_CHECK int safe_file_commit(struct safe_file *f, struct error *e);
void safe_file_abandon(struct safe_file *f);

/* Removes from DIRECTORY the unfinished files of processes that are gone. */
void safe_file_clear(const char *directory);

#endif
