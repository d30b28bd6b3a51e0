/* http_server.h - an HTTP/1.1 or HTTPS server on the loop. The only user of libmicrohttpd.
 *
 *   static void handle(void *ctx, struct http_request *r)      called with the whole request
 *   {
 *       struct buffer body; ...
 *       http_request_reply(r, &(struct http_reply){.status = 200, .body = &body});
 *   }
 *   options = (struct http_server_options){.handle = handle, .max_body_bytes = 1000000};
 *   http_server_new(&server, loop, &options, &e);              listens from here on
 *   http_server_port(server);                                  the port it got, for port 0
 *   http_server_close(server, grace_ms, closed_cb, ctx);       the pointer is dead after the call
 *
 * Each request that was handed to `handle` is answered exactly once: by http_request_reply or
 * http_request_drop, from inside the callback or at any time later (it is held until then; a client
 * that went away meanwhile isn't noticed, and answering it is harmless). After its answer the
 * pointer is dead. What is still held when the grace of http_server_close ends is dropped by the
 * server, just before closed_cb: forget those pointers there.
 *
 * Limits: connections, size of a body (413), of the headers (431), idleness, and a deadline for the
 * whole of a request and of its answer, so that a peer which sends or reads a byte now and then
 * can't stay for ever. A held request has no deadline: its answer is the application's duty. Where
 * connections are at their limit the oldest that sent nothing give way, then those idle between
 * requests, then those whose request is still coming: a crowd that only waits keeps nobody out.
 *
 * The body is kept in memory, whole, until the answer is given. All texts are NUL-ended; method,
 * path, headers and arguments are the peer's and may hold any bytes. */
#ifndef MB_NET_HTTP_SERVER_H
#define MB_NET_HTTP_SERVER_H

#include "base/buffer.h"
#include "base/error.h"
#include "net/loop.h"

#include <stdint.h>

struct http_server;
struct http_request;

struct http_server_options {
    const char *host;         /* numeric address or name; NULL: 127.0.0.1 */
    uint16_t port;            /* 0: any free one */
    const char *unix_path;    /* a socket of mode 0600 there, in place of host and port */
    const char *tls_cert_pem; /* certificate chain and key, PEM text; both or neither */
    const char *tls_key_pem;
    size_t max_connections;    /* at once; 0: 1000. More wait in the system's queue */
    size_t max_body_bytes;     /* of a request; required */
    size_t max_memory_bytes;   /* of all bodies at once, held ones included; over it: 503; 0: any */
    int64_t idle_timeout_ms;   /* between requests; 0: 60 s */
    int64_t silent_timeout_ms; /* for the first request line; 0: as between requests */
    int64_t request_timeout_ms; /* for a whole request, and again for a whole answer; 0: 300 s */
    /* Called when the headers are in, before the body is read; may be NULL. It may answer or drop
     * the request (then `handle` isn't called, and the connection is closed after), or do nothing.
     * The request has no body yet and must not be kept from here: it may still fail. */
    void (*begin)(void *ctx, struct http_request *r);
    void (*handle)(void *ctx, struct http_request *r); /* required */
    void *ctx;
};

/* 0, ERR_USAGE (host, certificate) or ERR_NETWORK (port in use, not allowed). All is copied. */
MUST_CHECK int http_server_new(struct http_server **out, struct loop *loop,
                               const struct http_server_options *options, struct error *e);
uint16_t http_server_port(const struct http_server *server);

struct http_server_counts {
    int64_t too_large; /* requests answered 413 */
    int64_t busy;      /* answered 503 for want of memory (max_memory_bytes) */
    int64_t overdue;   /* connections cut at their deadline, or to make room, but for those idle
                          after a request */
    int64_t
        tls_failed; /* TLS connections that ended without one request: failed handshakes, mostly */
};
void http_server_counts(const struct http_server *server, struct http_server_counts *out);

/* Connections made from now on get this certificate; those that are open keep theirs. Only for a
 * server that was made with one. ERR_USAGE: it can't be used, and the old one stays. */
MUST_CHECK int http_server_set_certificate(struct http_server *server, const char *cert_pem,
                                           const char *key_pem, struct error *e);

/* Looks at a certificate (the first of the chain) and its key without a server: 0, or ERR_USAGE and
 * a sentence: not PEM, no certificate, a key that isn't the certificate's. That it isn't valid yet,
 * or no more, is for the caller to judge. */
struct http_certificate {
    struct wall not_before, not_after;
};
MUST_CHECK int http_certificate_look(struct http_certificate *out, const char *cert_pem,
                                     const char *key_pem, struct error *e);

/* Whether its certificate is for HOST, a name as a browser checks it. */
bool http_server_certificate_is_for(const struct http_server *server, const char *host);

/* Stops listening at once, lets requests that are under way be finished for up to GRACE_MS, closes
 * everything and calls CLOSED from the loop (never from inside this call). `handle` may still be
 * called until then. */
void http_server_close(struct http_server *server, int64_t grace_ms, void (*closed)(void *ctx),
                       void *ctx);

const char *http_request_method(const struct http_request *r); /* "GET", as sent */
const char *http_request_path(const struct http_request *r);   /* without the query, decoded */
/* The first one of that name, or NULL. Header names are compared without regard to case. */
const char *http_request_header(const struct http_request *r, const char *name);
const char *http_request_argument(const struct http_request *r,
                                  const char *name); /* of the query */
/* The raw body; may be changed or taken with buffer_detach. */
struct buffer *http_request_body(struct http_request *r);
/* The body's announced size: -1 if it is sent in chunks, 0 without one. */
int64_t http_request_announced_bytes(const struct http_request *r);

struct http_header {
    const char *name, *value;
};

struct http_reply {
    int status;
    const struct http_header *headers; /* Content-Length, Date and Connection are the server's */
    size_t header_count;
    struct buffer *body; /* its memory is taken, the buffer is empty after; NULL: no body */
    bool has_file; /* instead: the first FILE_BYTES of FILE, which is the server's from here on, */
    int file;      /* a regular file's descriptor; nothing of it is kept in memory */
    uint64_t file_bytes;
    /* For tests of clients: announces the whole body, sends the first cut_after_bytes of it, and
     * breaks the connection. */
    bool cut;
    size_t cut_after_bytes;
};

void http_request_reply(struct http_request *r, const struct http_reply *reply);

enum http_drop {
    HTTP_DROP_CLOSE, /* the connection just ends */
    HTTP_DROP_RESET, /* with a reset, as when a process dies */
};
void http_request_drop(struct http_request *r, enum http_drop how);

#endif
