/* The HTTP server's connections and their deadlines.
 *
 * Deadlines are ours, one for each connection: idle between requests, and from a request line to
 * the end of the request, and of its answer. A connection past its deadline is shut down, and the
 * library finds it closed. A held request's connection has none. No limit of the library's own on
 * time is used: it would measure idleness, and a byte now and then defeats that. */
#include "net/http_server_internal.h"

#include "base/log.h"

#include <stdlib.h>
#include <sys/socket.h>

void peer_set_deadline(struct peer *p, int64_t ms_from_now)
{
    timer_queue_set(&p->server->deadlines, &p->deadline,
                    mono_add(loop_now(p->server->loop), ms_from_now));
}

struct peer *peer_open(struct http_server *s, int fd)
{
    struct peer *p = xcalloc(1, sizeof *p);
    p->server = s;
    p->fd = fd;
    p->number = ++s->last_peer;
    list_push_back(&s->peers, &p->node);
    s->connections++;
    peer_set_deadline(p, s->options.idle_timeout_ms);
    return p;
}

void peer_close(struct peer *p)
{
    timer_queue_remove(&p->server->deadlines, &p->deadline);
    list_remove(&p->node);
    struct http_server *s = p->server;
    s->connections--;
    if (s->certificate != NULL && !p->greeted)
        s->counts.tls_failed++;
    free(p);
    tls_drop_replaced(s);
}

void peer_begin(struct peer *p)
{
    p->busy = p->greeted = true;
    peer_set_deadline(p, p->server->options.request_timeout_ms);
}

void peers_close_overdue(struct http_server *s)
{
    struct mono now = loop_now(s->loop);
    for (struct timer_entry *e; (e = timer_queue_pop(&s->deadlines, now)) != NULL;) {
        struct peer *p = TIMER_OWNER(e, struct peer, deadline);
        LOG(LOG_DEBUG, "http.overdue", LOG_INT("fd", p->fd), LOG_INT("busy", p->busy));
        shutdown(p->fd, SHUT_RDWR);
        s->counts.overdue += p->busy || !p->greeted;
        http_server_kick(s);
    }
}
