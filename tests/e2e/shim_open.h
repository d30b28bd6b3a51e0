/* shim_open.h - the names by which programs open files, for a preloaded library: all of them end in its
 * own open_it(fd, name, flags, mode), which is defined before this is included. */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>

#define MODE                                                                                       \
    mode_t mode = 0;                                                                               \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                           \
        va_list ap;                                                                                \
        va_start(ap, flags);                                                                       \
        mode = va_arg(ap, mode_t);                                                                 \
        va_end(ap);                                                                                \
    }

int open(const char *name, int flags, ...)
{
    MODE return open_it(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...)
{
    MODE return open_it(AT_FDCWD, name, flags, mode);
}
int openat(int fd, const char *name, int flags, ...)
{
    MODE return open_it(fd, name, flags, mode);
}
int openat64(int fd, const char *name, int flags, ...)
{
    MODE return open_it(fd, name, flags, mode);
}
int __open_2(const char *name, int flags)
{
    return open_it(AT_FDCWD, name, flags, 0);
}
int __open64_2(const char *name, int flags)
{
    return open_it(AT_FDCWD, name, flags, 0);
}
int __openat_2(int fd, const char *name, int flags)
{
    return open_it(fd, name, flags, 0);
}
int __openat64_2(int fd, const char *name, int flags)
{
    return open_it(fd, name, flags, 0);
}
