/* directory.h - directories that are reached by descriptors, so that a symbolic link which somebody
 * plants there leads nowhere.
 *
 *   fd = directory_open("out", "results/2026/june", DIRECTORY_MAKE);
 *   fd < 0: errno; ELOOP: there is a symbolic link on the way, and it isn't followed
 *   ... openat, renameat, unlinkat: on a last component alone ...
 *   close(fd);
 *
 * What the user named (ROOT) may be or lead through symbolic links; what lies BELOW it mustn't. */
#ifndef MB_BASE_DIRECTORY_H
#define MB_BASE_DIRECTORY_H

#include "base/error.h"
#include "base/file_access.h"

enum directory_missing { DIRECTORY_MAKE /* 0700 */, DIRECTORY_MAKE_FOR_GROUP, DIRECTORY_LEAVE };
enum directory_missing directory_make_for(enum file_access a);

/* Of ROOT/BELOW; BELOW "": of ROOT itself, which must be there. */
MUST_CHECK int directory_open(const char *root, const char *below, enum directory_missing missing);
/* The same of the directory that the file ROOT/BELOW is in; *LAST points to BELOW's last part. */
MUST_CHECK int directory_open_of(const char *root, const char *below,
                                 enum directory_missing missing, const char **last);
/* The same, BELOW a directory that is open: ROOT stays open. */
MUST_CHECK int directory_open_at(int root, const char *below, enum directory_missing missing,
                                 const char **last);
/* ERR_IO (ERR_PASSING: trouble.h) and words for errno, as one of these two left it: "WHAT PATH:
 * why", or that PATH is no directory. */
int directory_refused(struct error *e, const char *what, const char *path);

#endif
