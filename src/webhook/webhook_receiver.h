/* webhook_receiver.h - the web server to which Mindee brings its webhooks.
 *
 *   struct webhook_receiver_options options = {
 *       .listen = "0.0.0.0:8443", .path = "/webhook", .secrets = secrets,
 *       .tls_cert = "chain.pem", .tls_key = "key.pem", .delivered = delivered, .ctx = run};
 *   webhook_receiver_new(&receiver, loop, &options, &e);       listens from here on
 *
 *   static void delivered(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
 *   {
 *       mindee_webhook_parse(body, len, &webhook, &owner) ...  note it for the turn's commit
 *   }
 *   webhook_delivery_reply(d, 200);                            after the commit
 *   webhook_delivery_reply(d, 503);                            if it can't be stored: Mindee comes
 *                                                              again
 *   webhook_receiver_close(receiver, grace_ms, closed, ctx);
 *
 * It knows no batch: what it hands over is a body whose X-Signature was verified, over the raw
 * bytes, under one of the secrets. Everything else it answers itself, and counts: 404 for another
 * path, 405 (Allow) for another method, 401 for a missing or wrong signature (or query secret), 413
 * for a body over the limit, 503 while bodies held in memory are over theirs; GET and HEAD of
 * /healthz get 200. What can be refused by its headers alone is, before a byte of its body is read.
 * A refusal is never logged by itself; once a minute at most one line says how many there were.
 *
 * The query secret: where it is set, Mindee must be given the URL with "?secret=<its value>"
 * (percent-encoded where it holds anything but letters, digits, "-", "_", "." and "~"), and a
 * request without it is refused like one without a signature. It comes in addition to the
 * signature, never instead: a secret in a URL ends up in logs.
 *
 * Plain HTTP is served on loopback addresses alone, for a proxy in front. The files of certificate
 * and secrets are looked at once a minute, and read again when they changed or when asked
 * (webhook_receiver_reload); what can't be used is logged, and the old one stays. */
#ifndef MB_WEBHOOK_WEBHOOK_RECEIVER_H
#define MB_WEBHOOK_WEBHOOK_RECEIVER_H

#include "base/error.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct webhook_receiver;
struct webhook_delivery; /* one that waits for its reply */

struct webhook_receiver_options {
    const char *listen; /* "host:port", "[v6]:port"; ":port" and "port": every address */
    const char *path;   /* NULL: /webhook; compared as a whole, decoded, without the query */
    const char *const
        *secrets; /* signing secrets, NULL-ended, at least one: any of them may sign */
    /* Where the secrets are read again: SECRET, if it isn't NULL, and
     * each line of SECRET_FILE. Without a file they stay as they are. */
    const char *secret, *secret_file;
    const char *query_secret;       /* NULL: none is asked for */
    const char *tls_cert, *tls_key; /* PEM files (the certificate first, then its chain); both or
                                       neither */
    size_t max_body_bytes;          /* of one; 0: 64 MB */
    size_t max_memory_bytes;        /* of all bodies at once; 0: 256 MB */
    size_t max_connections;         /* 0: 500; more wait in the system's queue */
    int64_t request_timeout_ms;     /* for a whole request, and again for its answer; 0: 30 s */
    int64_t hold_timeout_ms;        /* a delivery without reply gets 503 after it; 0: 60 s */
    int64_t look_every_ms;          /* at the files that may change; 0: 60 s */
    /* Called once for each verified delivery. BODY lives until the reply. */
    void (*delivered)(void *ctx, struct webhook_delivery *d, const char *body, size_t len);
    void *ctx;
};

/* 0, ERR_USAGE (a setting: no secret, an address that can't be read, plain HTTP for everybody, a
 * certificate that is missing, expired, or not the key's), or ERR_NETWORK (the port is taken, or
 * not allowed): one sentence that names the option. All strings are copied. */
MUST_CHECK int webhook_receiver_new(struct webhook_receiver **out, struct loop *loop,
                                    const struct webhook_receiver_options *options,
                                    struct error *e);

/* STATUS: 200 when the delivery is durable, 503 to have it again. Exactly once for each delivery,
 * inside `delivered` or at any time later; the pointer is dead after. One whose hold timeout is
 * over was answered 503 already: the reply goes nowhere, and is still due. */
void webhook_delivery_reply(struct webhook_delivery *d, int status);

/* Answers what is held with 503 (those deliveries are dead after this call: forget them), takes no
 * more, lets answers go out for up to GRACE_MS, then calls CLOSED (may be NULL) from the loop. The
 * receiver is dead after the call, but for its reading: `delivered` isn't called any more. */
void webhook_receiver_close(struct webhook_receiver *receiver, int64_t grace_ms,
                            void (*closed)(void *ctx), void *ctx);

/* Reads certificate and key again, and the file of secrets (SIGHUP). False: something can't be used
 * (logged), and the old one stays. Connections that are open keep their certificate. */
bool webhook_receiver_reload(struct webhook_receiver *receiver);

uint16_t webhook_receiver_port(const struct webhook_receiver *receiver);
/* Full days for which the certificate is still valid, negative once it has expired (it is served
 * nevertheless: Mindee says what it thinks of it). INT_MAX without TLS. */
int webhook_receiver_certificate_days(const struct webhook_receiver *receiver);
/* The file of the certificate in use, and when that one ENDS; NULL without TLS. */
const char *webhook_receiver_certificate(const struct webhook_receiver *receiver,
                                         struct wall *ends);

struct webhook_receiver_counts {
    int64_t delivered;         /* verified, handed over */
    int64_t accepted;          /* of them: answered 2xx */
    int64_t refused_signature; /* 401: signature or query secret missing or wrong */
    int64_t refused_path;      /* 404 */
    int64_t refused_method;    /* 405 */
    int64_t too_large;         /* 413 */
    int64_t busy;              /* 503 for want of memory, or while closing */
    int64_t timed_out;         /* 503: held for too long */
    int64_t overdue;           /* connections cut for being slow, or idle while all were taken */
    int64_t tls_failed;        /* connections that ended without a whole TLS handshake */
    int64_t held;              /* now */
};
void webhook_receiver_counts(const struct webhook_receiver *receiver,
                             struct webhook_receiver_counts *out);

#endif
