/* See limit_file.h. */
#include "limits/limit_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

void limit_file_share(const char *directory, const char *path)
{
    struct stat st;
    bool shared = stat(directory, &st) == 0 && (st.st_mode & S_IWGRP) != 0;
    if (shared && fchmodat(AT_FDCWD, path, 0660, 0) != 0) {
        /* another user's, who made it so */
    }
}
