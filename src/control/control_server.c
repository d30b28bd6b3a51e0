/* See control_server.h. A peer sends its line, is answered, and is closed; one that says too much,
 * nothing in time, or no request is closed without a word of the run's. An answer is small, and
 * goes out at once: who doesn't read it loses it. */
#include "control/control_server.h"

#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "control/control_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct control_server {
    struct loop *loop;
    char *directory;
    enum file_access access;
    control_asked_fn *asked;
    void *ctx;
    int fd;
    struct loop_watch *watch; /* NULL: as many peers are there as may be, or it rests */
    struct mono rests_until;  /* no peer could be taken: no descriptor was left */
    struct loop_timer *timer;
    struct list peers;
    int count;
};

struct control_peer {
    struct list link;
    struct control_server *server;
    int fd;
    struct loop_watch *watch; /* NULL: it has asked */
    struct buffer line;
    struct mono until; /* it must have asked */
};

enum { REST_MS = 1000 };

static void accept_cb(void *ctx);

/* --- peers --- */

static void listen_again(struct control_server *s)
{
    if (!s->watch && s->count < CONTROL_PEERS_MOST &&
        mono_reached(loop_now(s->loop), s->rests_until))
        s->watch = loop_watch_new(s->loop, s->fd, accept_cb, s);
}

static void stop_reading(struct control_peer *p)
{
    if (p->watch)
        loop_watch_close(p->watch);
    p->watch = NULL;
}

static void drop(struct control_peer *p)
{
    stop_reading(p);
    list_remove(&p->link);
    p->server->count--;
    close(p->fd);
    buffer_release(&p->line);
    free(p);
}

static void plan_timer(struct control_server *s)
{
    bool rests = !s->watch && s->count < CONTROL_PEERS_MOST;
    struct mono at = rests ? s->rests_until : MONO_NEVER;
    LIST_EACH (node, &s->peers) {
        const struct control_peer *p = LIST_ENTRY(node, struct control_peer, link);
        if (p->watch)
            at = mono_min(at, p->until);
    }
    loop_timer_set(s->timer, at);
}

static void timer_cb(void *ctx)
{
    struct control_server *s = ctx;
    struct mono now = loop_now(s->loop);
    LIST_EACH_SAFE (node, &s->peers) {
        struct control_peer *p = LIST_ENTRY(node, struct control_peer, link);
        if (p->watch && mono_reached(now, p->until))
            drop(p);
    }
    listen_again(s);
    plan_timer(s);
}

static void part_with(struct control_peer *p)
{
    struct control_server *s = p->server;
    drop(p);
    listen_again(s);
    plan_timer(s);
}

void control_peer_answer(struct control_peer *p, int exit_code, const char *text)
{
    const struct control_answer a = {.exit_code = exit_code, .text = (char *)text};
    struct buffer line;
    buffer_init(&line, 0);
    control_answer_write(&a, &line);
    buffer_put(&line, "\n");
    if (send(p->fd, line.data, line.len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)line.len)
        LOG(LOG_WARNING, "control.unheard", LOG_STR("answer", text));
    buffer_release(&line);
    part_with(p);
}

static void ask(struct control_peer *p)
{
    struct control_request request;
    struct error e;
    stop_reading(p);
    plan_timer(p->server);
    if (control_request_read(&request, buffer_text(&p->line), &e) < 0) {
        control_peer_answer(p, 2, e.text);
        return;
    }
    p->server->asked(p->server->ctx, p, &request);
    control_request_release(&request);
}

static void readable_cb(void *ctx)
{
    struct control_peer *p = ctx;
    char block[16 * 1024];
    ssize_t n = recv(p->fd, block, sizeof block, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    bool fits = n > 0 && p->line.len + (size_t)n <= CONTROL_LINE_MAX &&
                memchr(block, '\0', (size_t)n) == NULL &&
                buffer_append(&p->line, block, (size_t)n) == 0;
    if (!fits)
        part_with(p);
    else if (p->line.data[p->line.len - 1] == '\n')
        ask(p);
}

/* --- who comes --- */

static bool is_welcome(const struct control_server *s, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (s->access == ACCESS_GROUP || peer.uid == geteuid() || peer.uid == 0);
}

static void stop_listening(struct control_server *s)
{
    loop_watch_close(s->watch);
    s->watch = NULL;
}

/* Who waits goes on waiting, and so the socket is readable all the time. */
static void rest(struct control_server *s)
{
    stop_listening(s);
    s->rests_until = mono_add(loop_now(s->loop), REST_MS);
    plan_timer(s);
}

static void accept_cb(void *ctx)
{
    struct control_server *s = ctx;
    int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            rest(s);
        return;
    }
    if (!is_welcome(s, fd)) {
        LOG(LOG_WARNING, "control.stranger", LOG_STR("what", "another user's process was refused"));
        close(fd);
        return;
    }
    struct control_peer *p = xcalloc(1, sizeof *p);
    p->server = s;
    p->fd = fd;
    p->until = mono_add(loop_now(s->loop), CONTROL_SPEAK_MS);
    buffer_init(&p->line, 0);
    list_push_back(&s->peers, &p->link);
    p->watch = loop_watch_new(s->loop, fd, readable_cb, p);
    if (++s->count == CONTROL_PEERS_MOST)
        stop_listening(s);
    plan_timer(s);
}

/* --- life --- */

int control_server_open(struct control_server **out, struct loop *loop, const char *directory,
                        enum file_access a, control_asked_fn *asked, void *ctx, struct error *e)
{
    int fd;
    int rc = control_socket_bind(directory, a, &fd, e);
    if (rc < 0)
        return rc;
    struct control_server *s = xcalloc(1, sizeof *s);
    s->loop = loop;
    s->directory = xstrdup(directory);
    s->asked = asked;
    s->ctx = ctx;
    s->fd = fd;
    s->access = a;
    list_init(&s->peers);
    s->timer = loop_timer_new(loop, timer_cb, s);
    listen_again(s);
    *out = s;
    return 0;
}

void control_server_close(struct control_server *s)
{
    if (!s)
        return;
    while (!list_empty(&s->peers))
        drop(LIST_ENTRY(list_first(&s->peers), struct control_peer, link));
    if (s->watch)
        loop_watch_close(s->watch);
    loop_timer_close(s->timer);
    control_socket_close(s->directory, s->fd);
    free(s->directory);
    free(s);
}
