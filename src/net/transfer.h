/* transfer.h - HTTP requests over libcurl's multi interface, on the loop. The only user of libcurl, but for mail
 * (mail_transfer.h).
 *
 *   pool = transfer_pool_new(loop, &options, &e);
 *   t = transfer_start(pool, &request);   the callback comes later, exactly once, never from
 *                                         inside this call; T is gone after it
 *   transfer_cancel(t);                   the callback comes later, with TRANSFER_CANCELLED, or,
 *                                         if it had ended already, with how it ended
 *   transfer_pool_close(pool, cb, ctx);   cancels what runs; CB after the last handle is gone
 *
 * A transfer is one request, put on the wire at most once: the library's own silent re-sends on
 * reused connections are refused (CURLOPT_PREREQFUNCTION, second call; and neither the file part
 * nor a raw body is seekable). What was handed out of an upload is counted here, and that count is
 * the only truth about what a server can have seen, but for one: an HTTP/2 server may say that it
 * turned a request away unread (REFUSED_STREAM, or a GOAWAY that doesn't count it in). No redirect is followed. Uploads stream from
 * the file, read ahead on the thread pool; the last block is held back until the open file's stamp
 * equals the one expected, else the transfer ends as TRANSFER_SOURCE_CHANGED and the request is
 * incomplete. */
#ifndef MB_NET_TRANSFER_H
#define MB_NET_TRANSFER_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/file_stamp.h"
#include "net/loop.h"

struct transfer_pool;
struct transfer;

struct transfer_pool_options {
    const char *ca_file;    /* PEM bundle; NULL: the system's */
    const char *proxy;      /* URL; NULL: from the environment */
    const char *user_agent; /* required */
    int http2;              /* 0: HTTP/1.1 only; 1: HTTP/2 where the server speaks it (TLS) */
    int64_t connect_timeout_ms;
    /* Besides, a transfer must get on: after twice this time,
     * with 1 KB a second up and 10 KB down. */
    int64_t
        idle_timeout_ms; /* without a byte either way, and for the answer once the body is sent */
    size_t max_connections; /* at once, 0: no bound */
};

struct transfer_field {
    const char *name, *value; /* a form field; a name may repeat */
};

struct transfer_header {
    const char *name, *value; /* without line ends; may be a secret */
};

/* A path, bytes (copied) or a reader: up to SIZE bytes into BUFFER, how many there were, 0 at the end, below 0
 * for an error. Called on the loop, never asked to go back, and never after the transfer is done. */
struct transfer_file {
    const char *path;
    const void *bytes;
    int64_t (*read)(void *ctx, void *buffer, size_t size);
    void *read_ctx;
    int64_t size_bytes;                /* of bytes and what is read */
    const char *field;                 /* the form field's name */
    const char *filename;              /* as the server sees it */
    const char *content_type;          /* "application/pdf" */
    const struct file_stamp *expected; /* of a path */
};

struct transfer_result;

/* Everything is copied by transfer_start, but ctx. */
struct transfer_request {
    const char *url;
    const char *authorization; /* the header's value, a secret; NULL: none */
    /* A form makes it a POST (multipart/form-data), a raw body does too (not both), each with a
     * Content-Length; without any it is a GET. */
    const struct transfer_field *fields;
    size_t field_count;
    const struct transfer_file *file; /* NULL: none */
    const void *raw_body;             /* small, as it is copied; may be empty; NULL: none */
    size_t raw_len;
    const char *content_type;              /* of the raw body, required with one */
    const struct transfer_header *headers; /* besides; one without a name or a value is left out */
    size_t header_count;
    size_t max_body_bytes; /* of the answer; more ends it as TRANSFER_TOO_LARGE */
    void (*done)(void *ctx, struct transfer_result *result);
    void *ctx;
};

enum transfer_end {
    TRANSFER_COMPLETE,       /* a whole answer, whatever its status */
    TRANSFER_CONNECT,        /* no connection: refused, name, TLS, connect timeout */
    TRANSFER_BROKEN,         /* the connection ended before a whole answer, or its body, compressed
                                on the way, can't be decoded */
    TRANSFER_TIMEOUT,        /* silence for idle_timeout_ms */
    TRANSFER_TOO_LARGE,      /* the answer's headers or body are over their bounds */
    TRANSFER_SOURCE_CHANGED, /* the file isn't what was expected any more */
    TRANSFER_SOURCE_ERROR,   /* the file can't be opened or read */
    TRANSFER_TURNED_AWAY,    /* HTTP/2: the server says that it didn't look at it */
    TRANSFER_SOURCE_AWAY,    /* nor that, but for a reason that isn't the file's (trouble.h) */
    TRANSFER_CANCELLED,
};

struct transfer_result {
    enum transfer_end end;
    int library_code; /* CURLcode, for the log */
    bool untrusted;   /* CONNECT: the certificate that is shown isn't trusted, or is another's */
    int proxy_status; /* CONNECT: what the proxy said to it; 0: nothing */
    char text[256];   /* for people: what went wrong, without the URL's query; "" if COMPLETE */
    /* What may have reached the server. A request without a body of its own counts as on the wire
     * from its first call. */
    bool on_wire;               /* the library was allowed to send */
    int64_t body_sent_bytes;    /* of the file part or the raw body, handed to the library */
    int64_t body_total_bytes;   /* the file's or the raw body's size */
    bool body_sent_whole;       /* the last byte of the request's body was handed out (always, when
                                   on_wire, without either), and the server didn't turn it away */
    int status;                 /* of the answer, 0 if its headers never came */
    const char *content_type;   /* "" if none */
    const char *location;       /* "" if none */
    int64_t retry_after_ms;     /* -1 if none; both of its forms are understood */
    struct buffer *body;        /* the answer's, decoded; may be taken with buffer_detach */
    struct mono started, ended; /* first byte allowed; answer whole or socket closed */
};

const char *transfer_library_version(void); /* "7.88.1" */
MUST_CHECK int transfer_pool_new(struct transfer_pool **out, struct loop *loop,
                                 const struct transfer_pool_options *options, struct error *e);
struct transfer *transfer_start(struct transfer_pool *pool, const struct transfer_request *request);
void transfer_cancel(struct transfer *t);
/* Cancels the uploads whose file wasn't all handed out and that haven't moved a byte for STILL_MS:
 * incomplete as they are, no server can have taken them. */
void transfer_pool_cancel_stalled(struct transfer_pool *pool, int64_t still_ms);
size_t transfer_pool_running(const struct transfer_pool *pool);
void transfer_pool_close(struct transfer_pool *pool, void (*closed)(void *ctx), void *ctx);

#endif
