/* socket_set.h - the sockets that libcurl wants watched. Inside net.
 *
 *   fd = socket_set_open(s, family, type, protocol);   a connection's socket
 *   socket_set_want(s, fd, SOCKET_IN);                 instead of what was wanted before
 *   socket_set_unwant(s, fd);                          it may be wanted again, or be closed
 *   n = socket_set_ready(s, ready, max);               what is ready now; doesn't wait
 *   socket_set_close(s, fd);
 *
 * An epoll descriptor of its own (socket_set_fd: readable when something is ready), in which a
 * connection that is kept for the next request stays: with one uv_poll_t a socket, each request
 * costs several calls to take it out and put it in again. Sockets that weren't opened here (the
 * resolver's) may be watched too. */
#ifndef MB_NET_SOCKET_SET_H
#define MB_NET_SOCKET_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOCKET_IN = 1, SOCKET_OUT = 2 };

struct socket_ready {
    int fd;
    int events; /* SOCKET_IN | SOCKET_OUT; 0: an error is pending */
    uint32_t serial;
};

struct socket_set;

struct socket_set *socket_set_new(void);
void socket_set_free(struct socket_set *s); /* open sockets stay the caller's */
int socket_set_fd(const struct socket_set *s);

int socket_set_open(struct socket_set *s, int family, int type, int protocol); /* -1 with errno */
void socket_set_close(struct socket_set *s, int fd);
void socket_set_want(struct socket_set *s, int fd, int events);
void socket_set_unwant(struct socket_set *s, int fd);

/* Level-triggered: what isn't dealt with comes again. */
size_t socket_set_ready(struct socket_set *s, struct socket_ready *ready, size_t max);
/* False: it isn't wanted any more, or is another socket under the same number, since READY was
 * told.
 */
bool socket_set_still(const struct socket_set *s, const struct socket_ready *ready);

#endif
