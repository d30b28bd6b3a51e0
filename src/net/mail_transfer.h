/* mail_transfer.h - a message to a mail server, over libcurl.
 *
 *   m = mail_transfer_start(loop, &request);    DONE comes later, on the loop, once; M is gone then
 *   mail_transfer_cancel(m);                    DONE comes soon, within two seconds or so
 *
 * It has a thread of its own: libcurl, which does HTTP without ever waiting, waits for a mail server's
 * last words inside a call, and a server that keeps them to itself would hold up the loop. */
#ifndef MB_NET_MAIL_TRANSFER_H
#define MB_NET_MAIL_TRANSFER_H

#include "net/loop.h"

struct mail_transfer;

enum mail_end {
    MAIL_TAKEN,   /* the server has it, for all who get it */
    MAIL_REFUSED, /* it says never (5xx) to this message, its sender or who gets it */
    MAIL_FAILED,
    MAIL_CANCELLED,
};

struct mail_result {
    enum mail_end end;
    char text[200]; /* for people: what went wrong; "" if it was taken */
};

/* Everything is copied, but ctx. */
struct mail_request {
    const char *server;           /* smtps://host:port, or smtp:// */
    bool needs_tls;               /* smtp: not without STARTTLS */
    const char *user, *password;  /* NULL: neither */
    const char *from, *const *to; /* addresses; NULL-ended */
    const void *message;          /* lines that end in CRLF */
    size_t len;
    const char *ca_file; /* NULL: the system's */
    int64_t connect_timeout_ms;
    int64_t timeout_ms; /* in all */
    void (*done)(void *ctx, const struct mail_result *result);
    void *ctx;
};

struct mail_transfer *mail_transfer_start(struct loop *loop, const struct mail_request *request);
void mail_transfer_cancel(struct mail_transfer *m);

#endif
