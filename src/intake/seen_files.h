/* seen_files.h - which files needn't be looked up again: met with this path and this stamp before,
 * and nothing was to be done. A cache of fixed size, 2 MB from the first file on: one that isn't in
 * it is looked up, which costs time and nothing else. Pure. */
#ifndef MB_INTAKE_SEEN_FILES_H
#define MB_INTAKE_SEEN_FILES_H

#include "base/file_stamp.h"

struct seen_files {
    uint64_t seed;
    uint64_t *slots; /* NULL: empty */
};

void seen_files_init(struct seen_files *s, uint64_t seed);
/* Forgets all of them, and frees the memory. */
void seen_files_clear(struct seen_files *s);

/* ERROR: errno if it can't be looked at; else 0. */
void seen_files_add(struct seen_files *s, const char *path, const struct file_stamp *stamp,
                    int error);
bool seen_files_have(const struct seen_files *s, const char *path, const struct file_stamp *stamp,
                     int error);

#endif
