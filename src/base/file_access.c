/* See file_access.h. */
#include "base/file_access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

mode_t file_access_file(enum file_access a)
{
    return a == ACCESS_GROUP ? 0640 : 0600;
}

mode_t file_access_directory(enum file_access a)
{
    return a == ACCESS_GROUP ? 0750 : 0700;
}

mode_t file_access_socket(enum file_access a)
{
    return a == ACCESS_GROUP ? 0660 : 0600;
}

static int tolerate(int rc)
{
    bool refused = errno == EPERM || errno == ENOTSUP || errno == EOPNOTSUPP || errno == EROFS ||
                   errno == ENOSYS || errno == EINVAL;
    return rc == 0 || refused ? 0 : -1;
}

int file_access_set(int fd, enum file_access a)
{
    return tolerate(fchmod(fd, file_access_file(a)));
}

int file_access_set_directory(int fd, enum file_access a)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return -1;
    return tolerate(fchmod(fd, file_access_directory(a) | (st.st_mode & S_ISGID)));
}

enum file_access file_access_of(const char *path)
{
    struct stat st;
    bool group = stat(path, &st) == 0 && (st.st_mode & S_IRGRP);
    return group ? ACCESS_GROUP : ACCESS_PRIVATE;
}

void file_access_open_to_group(const char *path)
{
    char link[40];
    struct stat st;
    mode_t mode = file_access_file(ACCESS_GROUP);
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    bool wanted = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 07777) != mode;
    if (wanted && chmod(link, mode) != 0) {
        /* Another's file, or a file system with rules of its own: it stays as it is. */
    }
    close(fd);
}
