/* fault_server.h - an HTTP/1.1 server for tests that misbehaves as told, and remembers what it saw.
 *
 *   static const struct fault_route routes[] = {
 *       {.prefix = "/half", .answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
 *        .after = FAULT_CLOSE},
 *       {0}};
 *   s = fault_server_start(&(struct fault_options){.routes = routes});
 *   ... fault_server_port(s), requests ...
 *   fault_server_count(s, "/half", FAULT_WHOLE);  whole requests that came for paths starting so
 *   fault_server_stop(s);
 *
 * Blocking sockets on threads of its own, on 127.0.0.1: it shares no code and no event loop with
 * what it tests. What matches no route is answered properly (200 to a GET, 202 to a POST). */
#ifndef MB_TESTS_FAULT_SERVER_H
#define MB_TESTS_FAULT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault_server;

enum fault_after {
    FAULT_KEEP,  /* the connection stays for the next request */
    FAULT_CLOSE, /* a clean end (of TLS: with close_notify) */
    FAULT_RESET, /* RST */
    FAULT_DRAIN, /* reads and drops what still comes, until the client closes */
    FAULT_HOLD,  /* stays silent until the server stops */
};

struct fault_route {
    const char *prefix;  /* of the path; the first route that matches counts; NULL ends the table */
    int from_nth;        /* only from a connection's so-manieth request on; 0: from the first */
    int64_t read_bytes;  /* of the body, before the answer; 0: the whole body, -1: nothing */
    bool ignores_expect; /* sends no 100 */
    bool late;           /* what follows only after fault_server_release */
    const char *answer;  /* verbatim; NULL: a proper one; "": none */
    const char *endless; /* sent after ANSWER, again and again */
    enum fault_after after;
};

struct fault_options {
    const struct fault_route *routes; /* NULL: none; must live as long as the server */
    bool tls;                         /* with a certificate of its own for 127.0.0.1 */
    bool keep_bodies;                 /* of requests, for fault_server_body */
    bool hold_connections;            /* accepts, and then says nothing: not even TLS */
};

struct fault_server *fault_server_start(const struct fault_options *options);
int fault_server_port(const struct fault_server *s);
void fault_server_stop(struct fault_server *s); /* waits for its threads, frees */

/* A port on which nobody listens. */
int fault_server_dead_port(void);

/* Lets late answers go, those to come too. */
void fault_server_release(struct fault_server *s);

enum fault_stage {
    FAULT_SEEN,     /* its headers came */
    FAULT_WHOLE,    /* its body came too */
    FAULT_ANSWERED, /* and the answer was written */
};

/* Requests for paths that start with PREFIX. */
size_t fault_server_count(struct fault_server *s, const char *prefix, enum fault_stage stage);
size_t fault_server_connections(struct fault_server *s);
/* Blocks until there are COUNT of them, or the server stops. */
void fault_server_await(struct fault_server *s, const char *prefix, enum fault_stage stage,
                        size_t count);
/* Blocks until BYTES of the body of the first such request have come, or the server stops. */
void fault_server_await_body(struct fault_server *s, const char *prefix, int64_t bytes);

struct fault_record {
    char method[8], path[128];
    char authorization[64];
    char head[1024];     /* the request line and the headers, cut there */
    int connection, nth; /* both from 1 */
    bool expects;        /* had Expect: 100-continue */
    bool chunked;
    int64_t content_length;
    int64_t body_bytes; /* that came */
    bool whole, answered;
    char *body; /* with keep_bodies */
};

/* The first request for a path that starts with PREFIX, or NULL; lives until the server stops. */
const struct fault_record *fault_server_find(struct fault_server *s, const char *prefix);

/* Writes the certificate to verify the server with (another server's is a wrong one). */
void fault_server_write_ca(struct fault_server *s, const char *path);

#endif
