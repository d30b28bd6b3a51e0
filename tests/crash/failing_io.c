/* failing_io.c - preloaded into the program (LD_PRELOAD): the k-th operation that changes something
 * below a directory fails, once, for a while or from then on.
 *
 *   MB_FAIL_UNDER=DIRECTORY   whose files are meant
 *   MB_FAIL_AT=K              the K-th operation fails (1: the first; 0: none)
 *   MB_FAIL_TIMES=N           and the N-1 after it; 0: all
 *   MB_FAIL_WITH=ENOSPC|EIO
 *   MB_FAIL_RELATIVE=1        openat with O_CREAT, and renameat, too
 *   MB_FAIL_COUNT=FILE        says at the end how many operations there were, and how many failed
 *
 * Operations: open with O_CREAT, write, pwrite, ftruncate, fsync, fdatasync, posix_fallocate,
 * rename, mkdir. A write that fails has written its first half. What stdio writes isn't seen here,
 * its fsync is. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_ulong operations, failures;
static unsigned long fail_at, fail_times;
static int fail_with;
static bool relative_too;
static char under[4096];
static const char *report_path;

__attribute__((constructor)) static void read_environment(void)
{
    const char *directory = getenv("MB_FAIL_UNDER"), *at = getenv("MB_FAIL_AT");
    const char *times = getenv("MB_FAIL_TIMES"), *with = getenv("MB_FAIL_WITH");
    snprintf(under, sizeof under, "%s/", directory ? directory : "/nowhere");
    fail_at = at ? strtoul(at, NULL, 10) : 0;
    fail_times = times ? strtoul(times, NULL, 10) : 1;
    fail_with = with && strcmp(with, "EIO") == 0 ? EIO : ENOSPC;
    report_path = getenv("MB_FAIL_COUNT");
    relative_too = getenv("MB_FAIL_RELATIVE") != NULL;
}

__attribute__((destructor)) static void report(void)
{
    FILE *f = report_path && operations ? fopen(report_path, "w") : NULL;
    if (f) {
        fprintf(f, "%lu %lu\n", (unsigned long)operations, (unsigned long)failures);
        fclose(f);
    }
}

static bool fails_now(void)
{
    unsigned long n = atomic_fetch_add(&operations, 1) + 1;
    bool fails = fail_at && n >= fail_at && (!fail_times || n < fail_at + fail_times);
    if (fails) {
        atomic_fetch_add(&failures, 1);
        errno = fail_with;
    }
    return fails;
}

static bool path_is_meant(const char *path)
{
    return strncmp(path, under, strlen(under)) == 0;
}

static bool file_is_meant(int fd)
{
    char link[64], path[4096];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    errno = before;
    if (n <= 0)
        return false;
    path[n] = '\0';
    return path_is_meant(path);
}

/* The real one, looked up at its first use. */
#define REAL(name, ...)                                                                            \
    static int (*real)(__VA_ARGS__);                                                               \
    if (!real)                                                                                     \
    *(void **)(&real) = dlsym(RTLD_NEXT, name)

#define REAL_SIZED(name, ...)                                                                      \
    static ssize_t (*real)(__VA_ARGS__);                                                           \
    if (!real)                                                                                     \
    *(void **)(&real) = dlsym(RTLD_NEXT, name)

static mode_t mode_of(int flags, va_list *ap)
{
    return flags & O_CREAT ? va_arg(*ap, mode_t) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...);                                                    \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        REAL(#name, const char *, int, mode_t);                                                    \
        va_list ap;                                                                                \
        va_start(ap, flags);                                                                       \
        mode_t mode = mode_of(flags, &ap);                                                         \
        va_end(ap);                                                                                \
        return flags & O_CREAT && path_is_meant(path) && fails_now() ? -1                          \
                                                                     : real(path, flags, mode);    \
    }

OPEN(open)
OPEN(open64)

/* In an open directory that is DIRECTORY, or below it. */
static bool directory_is_meant(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = relative_too ? readlink(link, path, sizeof path - 2) : -1;
    if (n <= 0)
        return false;
    path[n] = '/';
    path[n + 1] = '\0';
    return path_is_meant(path);
}

#define OPENAT(name)                                                                               \
    int name(int directory, const char *path, int flags, ...);                                     \
    int name(int directory, const char *path, int flags, ...)                                      \
    {                                                                                              \
        REAL(#name, int, const char *, int, mode_t);                                               \
        va_list ap;                                                                                \
        va_start(ap, flags);                                                                       \
        mode_t mode = mode_of(flags, &ap);                                                         \
        va_end(ap);                                                                                \
        return flags & O_CREAT && directory_is_meant(directory) && fails_now()                     \
                   ? -1                                                                            \
                   : real(directory, path, flags, mode);                                           \
    }

OPENAT(openat)
OPENAT(openat64)

int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
    REAL("renameat", int, const char *, int, const char *);
    return directory_is_meant(to_directory) && fails_now()
               ? -1
               : real(from_directory, from, to_directory, to);
}

ssize_t write(int fd, const void *data, size_t size)
{
    REAL_SIZED("write", int, const void *, size_t);
    if (!file_is_meant(fd) || !fails_now())
        return real(fd, data, size);
    (void)!real(fd, data, size / 2);
    errno = fail_with;
    return -1;
}

#define PWRITE(name, offset)                                                                       \
    ssize_t name(int fd, const void *data, size_t size, offset at);                                \
    ssize_t name(int fd, const void *data, size_t size, offset at)                                 \
    {                                                                                              \
        REAL_SIZED(#name, int, const void *, size_t, offset);                                      \
        if (!file_is_meant(fd) || !fails_now())                                                    \
            return real(fd, data, size, at);                                                       \
        (void)!real(fd, data, size / 2, at);                                                       \
        errno = fail_with;                                                                         \
        return -1;                                                                                 \
    }

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(name, offset)                                                                     \
    int name(int fd, offset size);                                                                 \
    int name(int fd, offset size)                                                                  \
    {                                                                                              \
        REAL(#name, int, offset);                                                                  \
        return file_is_meant(fd) && fails_now() ? -1 : real(fd, size);                             \
    }

TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int fsync(int fd)
{
    REAL("fsync", int);
    return file_is_meant(fd) && fails_now() ? -1 : real(fd);
}

int fdatasync(int fd)
{
    REAL("fdatasync", int);
    return file_is_meant(fd) && fails_now() ? -1 : real(fd);
}

int posix_fallocate(int fd, off_t at, off_t size)
{
    REAL("posix_fallocate", int, off_t, off_t);
    return file_is_meant(fd) && fails_now() ? fail_with : real(fd, at, size);
}

int rename(const char *from, const char *to)
{
    REAL("rename", const char *, const char *);
    return path_is_meant(to) && fails_now() ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    REAL("mkdir", const char *, mode_t);
    bool there = access(path, F_OK) == 0; /* which the kernel says first, however full a disk is */
    return !there && path_is_meant(path) && fails_now() ? -1 : real(path, mode);
}
