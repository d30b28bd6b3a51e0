/* See directory.h. Each step is an openat of one component, with O_NOFOLLOW: what was a directory a
 * moment ago and is a symbolic link now isn't followed either. */
#include "base/directory.h"

#include "base/text.h"
#include "base/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC, COMPONENT_MAX = 256 };

/* O_DIRECTORY says "no directory" of a link too. */
static int open_error(int fd, const char *name, int error)
{
    struct stat st;
    bool link = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
    return link ? ELOOP : error;
}

static int make(int fd, const char *name, enum file_access a)
{
    bool made = mkdirat(fd, name, file_access_directory(a)) == 0;
    if (!made && errno != EEXIST)
        return -1;
    int next = openat(fd, name, FLAGS | O_NOFOLLOW);
    if (next >= 0 && made && a == ACCESS_GROUP && file_access_set_directory(next, a) != 0) {
        close(next);
        return -1;
    }
    return next;
}

static int step(int fd, const char *name, enum directory_missing missing)
{
    int next = openat(fd, name, FLAGS | O_NOFOLLOW);
    if (next < 0 && errno == ENOENT && missing != DIRECTORY_LEAVE)
        next = make(fd, name, missing == DIRECTORY_MAKE_FOR_GROUP ? ACCESS_GROUP : ACCESS_PRIVATE);
    if (next < 0)
        errno = open_error(fd, name, errno);
    return next;
}

/* The LEN bytes of BELOW, from a descriptor that is closed. */
static int walk(int fd, const char *below, size_t len, enum directory_missing missing)
{
    char name[COMPONENT_MAX];
    const char *end = below + len;
    while (fd >= 0 && below < end) {
        const char *slash = memchr(below, '/', (size_t)(end - below));
        size_t n = (size_t)((slash ? slash : end) - below);
        int next = -1;
        if (n >= sizeof name)
            errno = ENAMETOOLONG;
        else if (n == 0 || (n == 1 && below[0] == '.'))
            next = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        else if (n == 2 && memcmp(below, "..", 2) == 0)
            errno = ELOOP; /* no name of ours has it */
        else {
            memcpy(name, below, n);
            name[n] = '\0';
            next = step(fd, name, missing);
        }
        int error = errno;
        close(fd);
        errno = error;
        fd = next;
        below += n + (slash != NULL);
    }
    return fd;
}

enum directory_missing directory_make_for(enum file_access a)
{
    return a == ACCESS_GROUP ? DIRECTORY_MAKE_FOR_GROUP : DIRECTORY_MAKE;
}

int directory_open(const char *root, const char *below, enum directory_missing missing)
{
    return walk(open(*root ? root : "/", FLAGS), below, strlen(below), missing);
}

static int walk_of(int fd, const char *below, enum directory_missing missing, const char **last)
{
    const char *slash = strrchr(below, '/');
    *last = slash ? slash + 1 : below;
    return walk(fd, below, slash ? (size_t)(slash - below) : 0, missing);
}

int directory_open_of(const char *root, const char *below, enum directory_missing missing,
                      const char **last)
{
    return walk_of(open(*root ? root : "/", FLAGS), below, missing, last);
}

int directory_open_at(int root, const char *below, enum directory_missing missing,
                      const char **last)
{
    return walk_of(fcntl(root, F_DUPFD_CLOEXEC, 0), below, missing, last);
}

int directory_refused(struct error *e, const char *what, const char *path)
{
    if (errno == ENOTDIR)
        return error_set(e, ERR_IO, "%s is not a directory", text_show(path));
    if (errno != ELOOP)
        return error_system(e, trouble_of(errno) != TROUBLE_NONE ? ERR_PASSING : ERR_IO, errno,
                            "%s %s", what, text_show(path));
    return error_set(
        e, ERR_IO,
        "%s %s: there is a symbolic link on the way, and none is followed there: put a "
        "directory in its place",
        what, text_show(path));
}
