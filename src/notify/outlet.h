/* outlet.h - one way out: a URL that takes a POST, a command that takes its standard input, or a mail server. It
 * carries one thing at a time and knows when the next try may be.
 *
 *   outlet_new(&o, loop, &options, &e);
 *   if (outlet_ready(o, now)) outlet_send(o, &item);   the options' DONE comes later, once
 *   outlet_cancel(o);                 what is on its way ends soon, with OUTLET_CANCELLED or better
 *   outlet_close(o, closed, ctx);     when it isn't busy; O is gone when CLOSED comes
 *
 * Delivered is: an answer 2xx, exit code 0, or a mail server that took it. After anything else the next try waits, longer each
 * time, and at least as long as a Retry-After says. A URL's path and query may be a secret: the log
 * names its host alone. */
#ifndef MB_NOTIFY_OUTLET_H
#define MB_NOTIFY_OUTLET_H

#include "net/transfer.h"

struct outlet;

enum outlet_end {
    OUTLET_DELIVERED,
    OUTLET_REFUSED, /* a 4xx about this thing (not 408, 429), a 5xx of a mail server: a notice is given
                       up after it */
    OUTLET_FAILED,
    OUTLET_CANCELLED,
};

/* A mail server, and who writes to whom: kept by reference. */
struct outlet_mail {
    const char *server;               /* smtps://host:port, or smtp:// */
    bool needs_tls;                   /* smtp: not without STARTTLS */
    const char *user, *password_file; /* NULL: neither */
    const char *from, *const *to;
};

struct outlet_options {
    const char *name;    /* the option that made it: "notify.url"; kept by reference */
    const char *url;     /* one of these three */
    const char *command; /* see command_words.h */
    const struct outlet_mail *mail;
    const char *ca_file;    /* NULL: the system's */
    const char *proxy;      /* NULL: from the environment */
    const char *user_agent; /* required */
    int64_t connect_timeout_ms;
    int64_t timeout_ms; /* a try's: an answer after the request, a command in all */
    int64_t first_delay_ms, max_delay_ms; /* between tries */
    /* What was sent has ended. CAUSE: short, for the log. */
    void (*done)(void *ctx, enum outlet_end end, const char *cause);
    void *ctx;
};

/* ERR_USAGE: the command can't be run, or the password file not used. */
MUST_CHECK int outlet_new(struct outlet **out, struct loop *loop,
                          const struct outlet_options *options, struct error *e);

struct outlet_item {
    const void *body; /* JSON, or a whole message of mail; all of this is copied */
    size_t len;
    const struct transfer_header *headers; /* of the POST */
    size_t header_count;
    const char *const *environment; /* of the command: "NAME=VALUE", NULL-ended; NULL: none */
};

bool outlet_is_url(const struct outlet *o);
const char *outlet_name(const struct outlet *o);
bool outlet_busy(const struct outlet *o);
/* Not busy, and no pause holds. */
bool outlet_ready(const struct outlet *o, struct mono now);
struct mono outlet_next(const struct outlet *o);  /* when the pause ends */
const char *outlet_cause(const struct outlet *o); /* of the newest failure; "" since it delivered */

void outlet_send(struct outlet *o, const struct outlet_item *item); /* only when it isn't busy */
void outlet_forgive(struct outlet *o); /* what failed was given up: the next thing may go at once */
void outlet_cancel(struct outlet *o);
void outlet_close(struct outlet *o, void (*closed)(void *ctx), void *ctx);

#endif
