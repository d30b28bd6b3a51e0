/* A file system without sockets: preloaded into the program, it refuses to make one in a directory, as
 * vfat and many network shares do. The test compiles it (test_control.py).
 *
 *   NO_SOCKETS_IN   the directory */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int bind(int fd, const struct sockaddr *address, socklen_t len)
{
    static int (*real)(int, const struct sockaddr *, socklen_t);
    const char *directory = getenv("NO_SOCKETS_IN");
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "bind");
    if (directory && address->sa_family == AF_UNIX) {
        char path[sizeof(struct sockaddr_un)], there[PATH_MAX], here[PATH_MAX];
        snprintf(path, sizeof path, "%s", ((const struct sockaddr_un *)address)->sun_path);
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
        if (slash && realpath(path, there) && realpath(directory, here) &&
            strcmp(there, here) == 0) {
            errno = EPERM;
            return -1;
        }
    }
    return real(fd, address, len);
}
