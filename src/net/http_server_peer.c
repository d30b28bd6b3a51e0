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
    p->since = loop_now(s->loop);
    peer_set_deadline(p, s->options.silent_timeout_ms);
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
    p->since = loop_now(p->server->loop);
    peer_set_deadline(p, p->server->options.request_timeout_ms);
}

static void cut(struct peer *p)
{
    shutdown(p->fd, SHUT_RDWR);
    p->cut = true;
    p->server->counts.overdue += p->busy || !p->greeted;
    http_server_kick(p->server);
}

void peers_close_overdue(struct http_server *s)
{
    struct mono now = loop_now(s->loop);
    for (struct timer_entry *e; (e = timer_queue_pop(&s->deadlines, now)) != NULL;) {
        struct peer *p = TIMER_OWNER(e, struct peer, deadline);
        LOG(LOG_DEBUG, "http.overdue", LOG_INT("fd", p->fd), LOG_INT("busy", p->busy));
        cut(p);
    }
}

/* How readily it gives way: 0 first. -1: not at all, or not yet: who means to ask does so soon. */
static int rank(const struct peer *p, struct mono now)
{
    enum { LEAST_MS = 500 };
    if (p->cut || p->held || !mono_reached(now, mono_add(p->since, LEAST_MS)))
        return -1;
    return !p->greeted ? 0 : !p->busy ? 1 : 2;
}

void peers_make_room(struct http_server *s)
{
    enum { RANKS = 3, SHARE = 32 };
    struct mono now = loop_now(s->loop);
    size_t wanted = s->options.max_connections / SHARE + 1;
    for (int r = 0; r < RANKS; r++)
        LIST_EACH (node, &s->peers) {
            struct peer *p = LIST_ENTRY(node, struct peer, node);
            if (wanted == 0)
                return;
            if (p->cut || rank(p, now) != r) {
                wanted -= p->cut && r == 0;
                continue;
            }
            LOG(LOG_DEBUG, "http.crowded", LOG_INT("fd", p->fd), LOG_INT("rank", r));
            cut(p);
            wanted--;
        }
}
