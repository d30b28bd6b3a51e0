/* Where the HTTP server listens: an address and port, or a socket in the file system.
 *
 * Such a socket outlives a process that was killed. Nobody listens at it then: it is replaced. One at which somebody
 * listens is in use. Its mode is set before it has a name, so that nobody else ever gets in. */
#include "net/http_server_internal.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 }; /* of connections not yet accepted */

static int bind_address(struct http_server *s, const char *host, struct error *e)
{
    char service[8];
    snprintf(service, sizeof service, "%u", s->options.port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found;
    int rc = getaddrinfo(host, service, &hints, &found);
    if (rc != 0 && strcasecmp(host, "localhost") == 0) /* it needs no file that says so */
        rc = getaddrinfo("127.0.0.1", service, &hints, &found);
    if (rc != 0)
        return error_set(e, ERR_USAGE, "listen on %s: %s", host, gai_strerror(rc));
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1, off = 0;
    struct sockaddr_storage own;
    socklen_t own_len = sizeof own;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (found->ai_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&own, &own_len) != 0) {
        error_system(e, ERR_NETWORK, errno, "listen on %s port %u", host, s->options.port);
        if (fd >= 0)
            close(fd);
        fd = -1;
    } else {
        char port[8] = "0";
        getnameinfo((struct sockaddr *)&own, own_len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
        s->port = (uint16_t)strtoul(port, NULL, 10);
    }
    freeaddrinfo(found);
    return fd;
}

static bool somebody_listens(const struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return !refused;
}

static int bind_path(struct http_server *s, const char *path, struct error *e)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct stat st;
    if (strlen(path) >= sizeof at.sun_path)
        return error_set(e, ERR_USAGE, "the path of a socket has at most %zu bytes",
                         sizeof at.sun_path - 1);
    strcpy(at.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool fine = fd >= 0 && fchmod(fd, S_IRUSR | S_IWUSR) == 0;
    if (fine && lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && !somebody_listens(&at))
        (void)unlink(path);
    fine =
        fine && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, BACKLOG) == 0;
    if (!fine) {
        error_system(e, ERR_NETWORK, errno, "listen");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    s->unix_path = xstrdup(path);
    return fd;
}

int http_server_bind(struct http_server *s, struct error *e)
{
    const struct http_server_options *o = &s->options;
    if (o->unix_path != NULL)
        return bind_path(s, o->unix_path, e);
    return bind_address(s, o->host != NULL ? o->host : "127.0.0.1", e);
}

void http_server_unbind(struct http_server *s)
{
    if (s->unix_path != NULL)
        (void)unlink(s->unix_path);
}
