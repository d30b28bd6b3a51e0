/* A directory on a file system that can't tell all names apart: preloaded into the program, it leads
 * names below the directory to what is there under the same name without regard to case and Unicode
 * form. The test compiles it (test_folding.py).
 *
 *   FOLD_UNDER     the directory; nothing is changed if it isn't set
 *   FOLD_LONGEST   how many bytes a name may have there, whatever the file system says */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utf8proc.h>

enum { ROOM = 2 * PATH_MAX };

static char *folded(const char *name)
{
    utf8proc_uint8_t *out = NULL;
    utf8proc_map((const utf8proc_uint8_t *)name, 0, &out,
                 UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD);
    return out ? (char *)out : strdup(name);
}

/* Appends "/NAME" to PATH, as it is called there. 0, or errno. */
static int step(char path[ROOM], const char *name)
{
    size_t len = strlen(path);
    const char *longest = getenv("FOLD_LONGEST");
    struct stat st;
    if (longest && strlen(name) > (size_t)atol(longest))
        return ENAMETOOLONG;
    if (len + strlen(name) + 2 > PATH_MAX)
        return ENAMETOOLONG;
    path[len] = '/';
    strcpy(path + len + 1, name);
    if (syscall(SYS_newfstatat, AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    path[len] = '\0';
    DIR *d = opendir(path);
    path[len] = '/';
    char *wanted = folded(name);
    for (struct dirent *entry; d && (entry = readdir(d)) != NULL;) {
        char *found = folded(entry->d_name);
        if (strcmp(found, wanted) == 0)
            strcpy(path + len + 1, entry->d_name);
        free(found);
    }
    free(wanted);
    if (d)
        closedir(d);
    return 0;
}

/* What is to be used instead of *NAME in *FD. -1 and errno: there can be no such name. */
static int lead(int *fd, const char **name, char out[ROOM])
{
    const char *under = getenv("FOLD_UNDER");
    char link[64], whole[ROOM] = "", *rest = NULL;
    if (!under || !**name)
        return 0;
    if (**name != '/' && *fd != AT_FDCWD) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", *fd);
        long n = syscall(SYS_readlinkat, AT_FDCWD, link, whole, PATH_MAX - 1);
        whole[n > 0 ? n : 0] = '\0';
        strcat(whole, "/");
    }
    strncat(whole, *name, PATH_MAX - 1);
    size_t len = strlen(under);
    if (strncmp(whole, under, len) != 0 || whole[len] != '/')
        return 0;
    strcpy(out, under);
    for (char *part = strtok_r(whole + len, "/", &rest); part; part = strtok_r(NULL, "/", &rest)) {
        int error = step(out, part);
        if (error) {
            errno = error;
            return -1;
        }
    }
    *fd = AT_FDCWD;
    *name = out;
    return 0;
}

#define LEAD(fd, name)                                                                             \
    char led[ROOM];                                                                                \
    if (lead(&fd, &name, led) != 0)                                                                \
    return -1

static int open_it(int fd, const char *name, int flags, mode_t mode)
{
    LEAD(fd, name);
    return (int)syscall(SYS_openat, fd, name, flags, mode);
}

#include "shim_open.h"

int fstatat(int fd, const char *name, struct stat *st, int flags)
{
    LEAD(fd, name);
    return (int)syscall(SYS_newfstatat, fd, name, st, flags);
}
int stat(const char *name, struct stat *st)
{
    return fstatat(AT_FDCWD, name, st, 0);
}
int lstat(const char *name, struct stat *st)
{
    return fstatat(AT_FDCWD, name, st, AT_SYMLINK_NOFOLLOW);
}
int faccessat(int fd, const char *name, int mode, int flags)
{
    LEAD(fd, name);
    return (int)syscall(SYS_faccessat2, fd, name, mode, flags);
}
int access(const char *name, int mode)
{
    return faccessat(AT_FDCWD, name, mode, 0);
}

int mkdirat(int fd, const char *name, mode_t mode)
{
    LEAD(fd, name);
    return (int)syscall(SYS_mkdirat, fd, name, mode);
}
int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}
int unlinkat(int fd, const char *name, int flags)
{
    LEAD(fd, name);
    return (int)syscall(SYS_unlinkat, fd, name, flags);
}
int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    char target[ROOM];
    LEAD(from_fd, from);
    if (lead(&to_fd, &to, target) != 0)
        return -1;
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}
int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return renameat2(from_fd, from, to_fd, to, 0);
}
int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    char target[ROOM];
    LEAD(from_fd, from);
    if (lead(&to_fd, &to, target) != 0)
        return -1;
    return (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}
