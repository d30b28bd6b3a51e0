/* The HTTP server's life: listening, running libmicrohttpd on the loop, the end.
 *
 * libmicrohttpd runs without a thread of its own. It keeps all its sockets in one epoll descriptor;
 * when that is readable, or when the library's own timeout is over, pump() calls MHD_run once and
 * then asks for the next timeout. What the library needs from its driver, and doesn't get by the
 * descriptor alone:
 *  - after a connection was resumed MHD_run must be called (http_server_kick);
 *  - while connections are at their limit it takes the listening socket out of its epoll set and
 *    looks again only when it is run: so it is, every 100 ms, or it would never accept again;
 *  - a suspended connection makes MHD_stop_daemon abort: all are resumed, and run, before.
 *
 * Invariants: `peers` holds exactly the open connections; MHD_run is never nested; nothing of the
 * library is called after finish(). */
#include "net/http_server_internal.h"

#include "base/log.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    AT_LIMIT_MS = 100,  /* between runs while no connection can be accepted */
    PATIENCE_MS = 1000, /* between runs while there are connections: covers a lack of descriptors */
    ROUNDS_MAX = 16,    /* of MHD_run in one go, while there is more to do at once */
    GO_MS = 5,          /* likewise: the loop's other work must have its turn in a flood */
    POOL_BYTES = 1 << 16, /* of a connection: bounds the headers, and one read */
};

/* ---- the library's callbacks ---- */

static void note_connection(void *cls, struct MHD_Connection *c, void **context,
                            enum MHD_ConnectionNotificationCode what)
{
    struct http_server *s = cls;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context = peer_open(s, info->connect_fd);
    } else if (*context != NULL) {
        peer_close(*context);
        *context = NULL;
    }
}

/* Called with each request line. What it returns would become the request's slot. */
static void *note_request_line(void *cls, const char *uri, struct MHD_Connection *c)
{
    (void)cls;
    (void)uri;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    peer_begin(info->socket_context);
    return NULL;
}

static enum MHD_Result note_access(void *cls, struct MHD_Connection *c, const char *url,
                                   const char *method, const char *version, const char *data,
                                   size_t *len, void **slot)
{
    (void)version;
    return request_access(cls, c, url, method, data, len, slot) ? MHD_YES : MHD_NO;
}

static void note_completed(void *cls, struct MHD_Connection *c, void **slot,
                           enum MHD_RequestTerminationCode why)
{
    (void)cls;
    (void)c;
    (void)why;
    request_completed(slot);
}

/* The library's own words: kept for the error of a failed start, else a matter for debugging. */
static void note_log(void *cls, const char *format, va_list args)
{
    char text[256];
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = 0;
    struct http_server *s = cls;
    if (s->daemon == NULL && s->start_error[0] == 0)
        snprintf(s->start_error, sizeof s->start_error, "%s", text);
    LOG(LOG_DEBUG, "http.library", LOG_STR("text", text));
}

/* ---- running ---- */

static void run_daemon(struct http_server *s)
{
    s->running = true;
    tls_enter(s);
    MHD_run(s->daemon);
    tls_leave();
    s->running = false;
}

/* When the daemon wants to be run again, and the earliest of our own deadlines. */
static struct mono next_run(struct http_server *s, struct mono now)
{
    MHD_UNSIGNED_LONG_LONG wanted_ms;
    struct mono next = MONO_NEVER;
    if (MHD_get_timeout(s->daemon, &wanted_ms) == MHD_YES)
        next = mono_add(now, wanted_ms > INT32_MAX ? INT32_MAX : (int64_t)wanted_ms);
    if (s->connections >= s->options.max_connections)
        next = mono_min(next, mono_add(now, AT_LIMIT_MS));
    else if (s->connections > 0)
        next = mono_min(next, mono_add(now, PATIENCE_MS));
    if (s->closing)
        next = mono_min(next, s->close_at);
    return mono_min(next, timer_queue_next(&s->deadlines));
}

static void finish(struct http_server *s)
{
    LIST_EACH_SAFE (node, &s->held) {
        http_request_abandon(LIST_ENTRY(node, struct http_request, node));
    }
    run_daemon(s);
    s->running = true;
    loop_watch_close(s->watch); /* before the library closes the descriptor under it */
    loop_timer_close(s->timer);
    MHD_stop_daemon(s->daemon);
    REQUIRE(s->connections == 0 && list_empty(&s->held));
    timer_queue_release(&s->deadlines);
    tls_stop(s);
    free(s->unix_path);
    void (*closed)(void *) = s->closed;
    void *closed_ctx = s->closed_ctx;
    free(s);
    if (closed != NULL)
        closed(closed_ctx);
}

static void pump(void *ctx)
{
    struct http_server *s = ctx;
    peers_close_overdue(s);
    struct mono now, next, enough = mono_add(loop_now(s->loop), GO_MS);
    int round = 0;
    do {
        bool full = s->connections >= s->options.max_connections;
        s->again = false;
        if (full)
            peers_make_room(s);
        run_daemon(s);
        /* The listening socket comes back into the epoll set at the next run. */
        if (full && s->connections < s->options.max_connections)
            s->again = true;
        now = loop_now(s->loop);
        next = next_run(s, now);
    } while ((s->again || mono_reached(now, next)) && ++round < ROUNDS_MAX &&
             !mono_reached(now, enough));
    if (s->closing && (list_empty(&s->peers) || mono_reached(now, s->close_at))) {
        finish(s);
        return;
    }
    loop_timer_set(s->timer, s->again ? now : next);
}

/* ---- start and end ---- */

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd)
{
    static char versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, tls_callback()},
                                   {MHD_OPTION_HTTPS_PRIORITIES, 0, versions},
                                   {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (s->certificate != NULL)
        flags |= MHD_USE_TLS;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, note_access, s, MHD_OPTION_EXTERNAL_LOGGER, note_log, s,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_CONNECTION, note_connection, s,
        MHD_OPTION_NOTIFY_COMPLETED, note_completed, s, MHD_OPTION_URI_LOG_CALLBACK,
        note_request_line, s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->options.max_connections,
        MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
        MHD_OPTION_ARRAY, s->certificate != NULL ? tls : none, MHD_OPTION_END);
}

static void set_defaults(struct http_server_options *o)
{
    if (o->max_connections == 0)
        o->max_connections = 1000;
    if (o->idle_timeout_ms == 0)
        o->idle_timeout_ms = 60000;
    if (o->silent_timeout_ms == 0)
        o->silent_timeout_ms = o->idle_timeout_ms;
    if (o->request_timeout_ms == 0)
        o->request_timeout_ms = 300000;
}

int http_server_new(struct http_server **out, struct loop *loop,
                    const struct http_server_options *options, struct error *e)
{
    REQUIRE(options->handle != NULL && options->max_body_bytes > 0);
    REQUIRE((options->tls_cert_pem == NULL) == (options->tls_key_pem == NULL));
    struct http_server *s = xcalloc(1, sizeof *s);
    s->loop = loop;
    s->options = *options;
    set_defaults(&s->options);
    list_init(&s->peers);
    list_init(&s->held);
    list_init(&s->replaced);
    timer_queue_init(&s->deadlines);
    if (options->tls_cert_pem != NULL &&
        tls_start(s, options->tls_cert_pem, options->tls_key_pem, e) < 0) {
        free(s);
        return e->code;
    }
    int fd = http_server_bind(s, e);
    if (fd < 0) {
        tls_stop(s);
        free(s);
        return e->code;
    }
    s->daemon = start_daemon(s, fd);
    if (s->daemon == NULL) {
        close(fd);
        http_server_unbind(s);
        free(s->unix_path);
        error_set(e, ERR_USAGE, "the HTTP server doesn't start: %s", s->start_error);
        tls_stop(s);
        free(s);
        return e->code;
    }
    /* The texts were the caller's. */
    s->options.host = s->options.unix_path = s->options.tls_cert_pem = s->options.tls_key_pem =
        NULL;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    s->timer = loop_timer_new(loop, pump, s);
    s->watch = loop_watch_new(loop, info->epoll_fd, pump, s);
    *out = s;
    return 0;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_counts(const struct http_server *server, struct http_server_counts *out)
{
    *out = server->counts;
}

void http_server_close(struct http_server *s, int64_t grace_ms, void (*closed)(void *ctx),
                       void *ctx)
{
    REQUIRE(!s->closing);
    s->closing = true;
    s->closed = closed;
    s->closed_ctx = ctx;
    s->close_at = mono_add(loop_now(s->loop), grace_ms);
    int fd = MHD_quiesce_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    http_server_unbind(s);
    /* Idle connections see their end of file; what they sent already is still served. */
    LIST_EACH (node, &s->peers) {
        struct peer *p = LIST_ENTRY(node, struct peer, node);
        if (!p->busy)
            shutdown(p->fd, SHUT_RD);
    }
    http_server_kick(s);
}
