/* A share that goes away: preloaded into the program, it lets system calls about what is below a
 * directory fail for a while. The test compiles it (test_shares.py).
 *
 *   SHIM_UNDER   the directory
 *   SHIM_ERROR   errno's value
 *   SHIM_CALLS   which calls: o opens files, d opens directories, s stat, m lstat, n the same in an
 *                open directory, r read,
 *                l readdir, k mkdir, a access
 *   SHIM_SKIP    so many of them succeed first
 *   SHIM_MS      then they fail for so long; 0: for good
 *   SHIM_ONLY    of files only those whose path ends so; "" for all
 *   SHIM_VANISH  a file whose path ends so is removed when it has been read to its end
 *   SHIM_CHMOD   errno's value: every fchmod fails with it, wherever */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_long seen, began_ms;

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1;
}

static long setting(const char *name)
{
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

/* Whether a call of kind CALL about PATH fails now; errno is set then. */
static int fails(char call, const char *path)
{
    const char *under = getenv("SHIM_UNDER"), *calls = getenv("SHIM_CALLS");
    const char *only = getenv("SHIM_ONLY");
    if (!under || !calls || !strchr(calls, call) || strncmp(path, under, strlen(under)) != 0)
        return 0;
    size_t len = strlen(path), end = only ? strlen(only) : 0;
    if (end && (len < end || strcmp(path + len - end, only) != 0))
        return 0;
    if (atomic_fetch_add(&seen, 1) < setting("SHIM_SKIP"))
        return 0;
    long now = now_ms(), none = 0;
    atomic_compare_exchange_strong(&began_ms, &none, now);
    long ms = setting("SHIM_MS");
    if (ms && now - atomic_load(&began_ms) >= ms)
        return 0;
    errno = (int)setting("SHIM_ERROR");
    return 1;
}

static const char *path_of(int fd, const char *name, char out[2 * PATH_MAX])
{
    char link[64];
    if (name && (*name == '/' || fd == AT_FDCWD))
        return name;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long n = syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = '\0';
    if (name && *name) {
        strcat(out, "/");
        strncat(out, name, PATH_MAX - 1);
    }
    return out;
}

static int open_it(int fd, const char *name, int flags, mode_t mode)
{
    char path[2 * PATH_MAX];
    if (fails(flags & O_DIRECTORY ? 'd' : 'o', path_of(fd, name, path)))
        return -1;
    return (int)syscall(SYS_openat, fd, name, flags, mode);
}

#include "shim_open.h"

static int stat_it(char call, int fd, const char *name, struct stat *st, int flags)
{
    char path[2 * PATH_MAX];
    if (fails(call, path_of(fd, name, path)))
        return -1;
    return (int)syscall(SYS_newfstatat, fd, name, st, flags);
}

int stat(const char *name, struct stat *st)
{
    return stat_it('s', AT_FDCWD, name, st, 0);
}
int lstat(const char *name, struct stat *st)
{
    return stat_it('m', AT_FDCWD, name, st, AT_SYMLINK_NOFOLLOW);
}
int fstatat(int fd, const char *name, struct stat *st, int flags)
{
    char path[2 * PATH_MAX];
    if (flags & AT_SYMLINK_NOFOLLOW && fails('n', path_of(fd, name, path)))
        return -1;
    return stat_it('s', fd, name, st, flags);
}
int fstat(int fd, struct stat *st)
{
    return stat_it('s', fd, "", st, AT_EMPTY_PATH);
}

/* Somebody takes the file away whose last byte has just been read. */
static void vanish(const char *path)
{
    const char *name = getenv("SHIM_VANISH");
    size_t len = strlen(path), end = name ? strlen(name) : 0;
    if (end && len >= end && strcmp(path + len - end, name) == 0)
        unlink(path);
}

ssize_t read(int fd, void *data, size_t len)
{
    char path[2 * PATH_MAX];
    if (fails('r', path_of(fd, NULL, path)))
        return -1;
    long n = syscall(SYS_read, fd, data, len);
    if (n == 0)
        vanish(path);
    return n;
}
ssize_t __read_chk(int fd, void *data, size_t len, size_t room)
{
    (void)room;
    return read(fd, data, len);
}
ssize_t pread(int fd, void *data, size_t len, off_t at)
{
    char path[2 * PATH_MAX];
    if (fails('r', path_of(fd, NULL, path)))
        return -1;
    return syscall(SYS_pread64, fd, data, len, at);
}
ssize_t __pread_chk(int fd, void *data, size_t len, off_t at, size_t room)
{
    (void)room;
    return pread(fd, data, len, at);
}

struct dirent *readdir(DIR *d)
{
    static struct dirent *(*real)(DIR *);
    char path[2 * PATH_MAX];
    if (fails('l', path_of(dirfd(d), NULL, path)))
        return NULL;
    if (!real)
        real = (struct dirent * (*)(DIR *)) dlsym(RTLD_NEXT, "readdir");
    return real(d);
}

int fchmod(int fd, mode_t mode)
{
    long error = setting("SHIM_CHMOD");
    if (error) {
        errno = (int)error;
        return -1;
    }
    return (int)syscall(SYS_fchmod, fd, mode);
}

int mkdir(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t);
    *(void **)&real = dlsym(RTLD_NEXT, "mkdir");
    return fails('k', path) ? -1 : real(path, mode);
}

int access(const char *path, int mode)
{
    int (*real)(const char *, int);
    *(void **)&real = dlsym(RTLD_NEXT, "access");
    return fails('a', path) ? -1 : real(path, mode);
}
