/* See socket_set.h. A table by descriptor says what the kernel was told, so that only changes cost
 * a call. A socket opened here is forgotten when it is closed here. Others are closed without a
 * word to us, and their number may come back: they are taken out as soon as they aren't wanted.
 *
 * An idle connection stays registered. If it becomes ready all the same, the peer closed it or says
 * something unasked: it is taken out then, and libcurl finds out before it uses it again.
 *
 * Each registration has a serial number, which comes back with its events: one that was told of
 * before its socket was closed isn't taken for the next one's. */
#include "net/socket_set.h"

#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AT_ONCE = 64 };

struct watched {
    uint32_t serial; /* of its registration */
    uint8_t told;    /* what the kernel watches it for; 0: not registered */
    uint8_t wanted;
    bool ours; /* opened here */
};

struct socket_set {
    int epoll;
    uint32_t serial;
    struct watched *table; /* by descriptor; all of its memory is in use */
    size_t size;
};

static struct watched *entry(struct socket_set *s, int fd)
{
    size_t had = s->size;
    REQUIRE(fd >= 0);
    ARRAY_RESERVE(s->table, s->size, (size_t)fd + 1);
    for (size_t i = had; i < s->size; i++)
        s->table[i] = (struct watched){0};
    return &s->table[fd];
}

static void take_out(struct socket_set *s, int fd, struct watched *w)
{
    if (w->told && epoll_ctl(s->epoll, EPOLL_CTL_DEL, fd, NULL) != 0)
        w->ours = false; /* closed without a word: whoever has the number next, it isn't ours */
    w->told = 0;
}

void socket_set_want(struct socket_set *s, int fd, int events)
{
    struct watched *w = entry(s, fd);
    w->wanted = (uint8_t)events;
    if (w->ours && w->told == w->wanted)
        return;
    if (!w->told)
        w->serial = ++s->serial;
    struct epoll_event e = {.events = (events & SOCKET_IN ? EPOLLIN : 0u) |
                                      (events & SOCKET_OUT ? EPOLLOUT : 0u),
                            .data.u64 = (uint64_t)w->serial << 32 | (uint32_t)fd};
    int rc = epoll_ctl(s->epoll, w->told ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e);
    if (rc != 0 && errno == ENOENT) /* not ours, and closed without a word */
        rc = epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e);
    REQUIRE(rc == 0);
    w->told = w->wanted;
}

void socket_set_unwant(struct socket_set *s, int fd)
{
    struct watched *w = entry(s, fd);
    w->wanted = 0;
    if (!w->ours || w->told != SOCKET_IN) /* writable is what an idle one always is */
        take_out(s, fd, w);
}

int socket_set_open(struct socket_set *s, int family, int type, int protocol)
{
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);
    if (fd >= 0)
        *entry(s, fd) = (struct watched){.ours = true};
    return fd;
}

void socket_set_close(struct socket_set *s, int fd)
{
    *entry(s, fd) = (struct watched){0};
    close(fd); /* the kernel takes it out */
}

size_t socket_set_ready(struct socket_set *s, struct socket_ready *ready, size_t max)
{
    struct epoll_event events[AT_ONCE];
    size_t count = 0;
    int n = epoll_wait(s->epoll, events, max < AT_ONCE ? (int)max : AT_ONCE, 0);
    for (int i = 0; i < n; i++) {
        int fd = (int)(events[i].data.u64 & UINT32_MAX);
        uint32_t serial = (uint32_t)(events[i].data.u64 >> 32), got = events[i].events;
        struct watched *w = entry(s, fd);
        if (w->serial != serial)
            continue;
        if (!w->wanted) {
            take_out(s, fd, w);
            continue;
        }
        int ways = (got & EPOLLIN ? SOCKET_IN : 0) | (got & EPOLLOUT ? SOCKET_OUT : 0);
        if (ways == 0) /* hung up, and nothing else: reading tells */
            ways = w->wanted;
        ready[count++] =
            (struct socket_ready){.fd = fd, .events = got & EPOLLERR ? 0 : ways, .serial = serial};
    }
    return count;
}

bool socket_set_still(const struct socket_set *s, const struct socket_ready *ready)
{
    const struct watched *w = &s->table[ready->fd];
    return w->wanted && w->serial == ready->serial;
}

int socket_set_fd(const struct socket_set *s)
{
    return s->epoll;
}

struct socket_set *socket_set_new(void)
{
    struct socket_set *s = xcalloc(1, sizeof *s);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    REQUIRE(s->epoll >= 0);
    return s;
}

void socket_set_free(struct socket_set *s)
{
    close(s->epoll);
    free(s->table);
    free(s);
}
