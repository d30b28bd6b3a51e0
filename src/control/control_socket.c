/* See control_socket.h. */
#include "control/control_socket.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static const char name[] = ".control";
enum { BACKLOG = 16 };

static int open_directory(const char *directory)
{
    return open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int fail(int fd, const char *directory, const char *what, struct error *e)
{
    int rc = error_system(e, ERR_IO, errno, "%s %s/%s", what, text_show(directory), name);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* The umask has taken from its mode what the group needs. */
static void open_to_group(int at)
{
    char place[40];
    struct stat st;
    int fd = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    snprintf(place, sizeof place, "/proc/self/fd/%d", fd);
    bool ours = fd >= 0 && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
    if (ours && chmod(place, file_access_socket(ACCESS_GROUP)) != 0) {
        /* Then it is the user's alone. */
    }
    if (fd >= 0)
        close(fd);
}

static int bind_in(int at, int fd, enum file_access a)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", at, name);
    if (unlinkat(at, name, 0) != 0 && errno != ENOENT)
        return -1;
    /* The mode that bind() gives to what it makes: the umask is the whole process's, and other
     * threads make directories meanwhile. */
    if (fchmod(fd, file_access_socket(a)) != 0)
        return -1;
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    if (a == ACCESS_GROUP)
        open_to_group(at);
    return listen(fd, BACKLOG);
}

int control_socket_bind(const char *directory, enum file_access a, int *fd, struct error *e)
{
    int at = open_directory(directory);
    if (at < 0)
        return fail(-1, directory, "open", e);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int rc = *fd < 0 || bind_in(at, *fd, a) != 0 ? fail(*fd, directory, "listen at", e) : 0;
    close(at);
    return rc;
}

void control_socket_close(const char *directory, int fd)
{
    int at = open_directory(directory);
    if (at >= 0 && unlinkat(at, name, 0) != 0) {
        /* It is gone already, or the next run takes it away. */
    }
    if (at >= 0)
        close(at);
    close(fd);
}

/* The socket itself, so that what is connected to is what was looked at. */
static int open_socket(const char *directory)
{
    struct stat st;
    int at = open_directory(directory);
    int place = at < 0 ? -1 : openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (at >= 0)
        close(at);
    if (place >= 0 && (fstat(place, &st) != 0 || !S_ISSOCK(st.st_mode))) {
        close(place);
        place = -1;
    }
    return place;
}

int control_socket_connect(const char *directory, int timeout_s, int *fd, struct error *e)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval timeout = {.tv_sec = timeout_s};
    int place = open_socket(directory);
    if (place < 0)
        return error_set(e, ERR_NOT_FOUND, "%s/%s isn't there", text_show(directory), name);
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", place);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = -1;
    if (*fd >= 0 && setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0 &&
        setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) == 0)
        rc = connect(*fd, (const struct sockaddr *)&address, sizeof address);
    int why = errno;
    close(place);
    if (rc == 0)
        return 0;
    errno = why;
    bool nobody = why == ECONNREFUSED;
    rc = fail(*fd, directory, "connect to", e);
    if (nobody)
        e->code = rc = ERR_NOT_FOUND;
    return rc;
}
