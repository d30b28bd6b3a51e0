/* http_server_internal.h - shared by the server's parts: its life (http_server.c), its connections
 * (http_server_peer.c), where it listens (http_server_listen.c), its requests (http_server_request.c) and its certificate
 * (http_server_tls.c). */
#ifndef MB_NET_HTTP_SERVER_INTERNAL_H
#define MB_NET_HTTP_SERVER_INTERNAL_H

#include "base/list.h"
#include "base/timer_queue.h"
#include "net/http_server.h"

struct MHD_Daemon;
struct MHD_Connection;
struct MHD_Response;

struct http_server {
    struct loop *loop;
    struct MHD_Daemon *daemon;
    struct loop_watch *watch; /* the daemon's epoll descriptor */
    struct loop_timer *timer; /* the next time the daemon must run, or a peer is due */
    struct http_server_options options;
    struct timer_queue deadlines; /* of peers */
    struct list peers;            /* every open connection */
    struct list held;             /* requests the application has */
    size_t connections;
    uint64_t last_peer;  /* number of the newest */
    size_t memory_bytes; /* of bodies */
    struct http_server_counts counts;
    struct tls_certificate *certificate; /* NULL: plain */
    struct list replaced;                /* certificates that open connections may still use */
    uint16_t port;
    char *unix_path;      /* of the socket, owned; NULL: an address */
    bool running;         /* inside MHD_run: no nested call */
    bool again;           /* something was resumed inside MHD_run */
    bool closing;         /* http_server_close was called */
    struct mono close_at; /* the end of the grace */
    void (*closed)(void *ctx);
    void *closed_ctx;
    char start_error[256]; /* the library's words while it didn't start */
};

/* One connection. */
struct peer {
    struct http_server *server;
    struct list node; /* in server->peers */
    struct timer_entry deadline;
    uint64_t number; /* grows from one to the next */
    int fd;
    bool busy;         /* a request is under way */
    bool greeted;      /* a request line was read */
    struct mono since; /* it is in this of its stages: silent, busy, idle */
    bool held;         /* its request was handed over: the application's or the answer's turn */
    bool cut;          /* shut down; the library is to find out */
};

enum request_state {
    REQUEST_READING,  /* headers or body still come */
    REQUEST_DECIDING, /* the application's callback runs */
    REQUEST_HELD,     /* suspended; in server->held */
    REQUEST_ANSWERED, /* the answer is known, not yet given to the library */
    REQUEST_SENDING,  /* the library has it */
};

struct http_request {
    struct http_server *server;
    struct peer *peer;
    struct MHD_Connection *connection;
    struct list node; /* in server->held, or alone */
    enum request_state state;
    const char *method, *path; /* the library's, valid as long as the request */
    struct buffer body;
    int64_t announced_bytes;
    size_t overflow_bytes;         /* of a body that is refused while it comes: thrown away */
    size_t memory_bytes;           /* counted in the server's */
    unsigned refusal;              /* 413 or 503 once the body is refused, else 0 */
    struct MHD_Response *response; /* while ANSWERED; NULL: drop */
    unsigned status;
    enum http_drop drop;
};

/* tls: the server's own certificate from PEM texts (ERR_USAGE); around each MHD_run; replaced
 * certificates that no connection uses are freed; all of them; what to give the library. */
MUST_CHECK int tls_start(struct http_server *s, const char *cert_pem, const char *key_pem,
                         struct error *e);
void tls_enter(struct http_server *s);
void tls_leave(void);
void tls_drop_replaced(struct http_server *s);
void tls_stop(struct http_server *s);
void *tls_callback(void);

/* A descriptor that listens as the options say, or -1. */
int http_server_bind(struct http_server *s, struct error *e);
/* Nobody finds it any more. */
void http_server_unbind(struct http_server *s);

/* The daemon has to be run soon. */
static inline void http_server_kick(struct http_server *s)
{
    loop_timer_set(s->timer, loop_now(s->loop));
}

void peer_set_deadline(struct peer *p, int64_t ms_from_now);

struct peer *peer_open(struct http_server *s, int fd);
void peer_close(struct peer *p);
/* A request line came: the clock of a whole request starts. */
void peer_begin(struct peer *p);
void peers_close_overdue(struct http_server *s);
/* At the limit: some that nobody would miss give way. */
void peers_make_room(struct http_server *s);

/* Answers for the application with nothing at all; for the end of a server. */
void http_request_abandon(struct http_request *r);

/* The library's callbacks that belong to requests; the second is its access handler's body without
 * the library's types: true to go on, false to drop the connection. */
bool request_access(struct http_server *s, struct MHD_Connection *c, const char *path,
                    const char *method, const char *data, size_t *len, void **slot);
void request_completed(void **slot);

#endif
