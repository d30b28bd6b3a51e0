/* monitor.h - what a process tells whoever watches over it: http.listen serves numbers, health and a page to look at;
 * metrics.file gets the numbers each 15 s and at the end.
 *
 *   monitor_options_read(&o, config);
 *   monitor_new(&m, loop, &o, &views, &e);     listens from here on; *M is NULL where neither is asked for,
 *                                              which every function here takes
 *   monitor_reload(m);                         SIGHUP: certificate and token are read again
 *   monitor_close(m, closed, ctx);             M is dead after the call; CLOSED comes from the loop
 *
 *   GET  /                                     the page, which asks the API as long as somebody looks
 *   GET  /metrics                              Prometheus' text, or OpenMetrics where Accept asks for it
 *   GET  /healthz                              200 while the program works
 *   GET  /readyz                               200, or 503 and the reasons
 *   GET  /api/v1/...                           api.h
 *   GET, POST /login                           the form for the token; a cookie
 *
 * Nothing can be changed over it. Who may look: guard.h. It has a server and a limit of connections of its own, so that
 * no crowd of scrapers keeps a webhook out. */
#ifndef MB_MONITOR_MONITOR_H
#define MB_MONITOR_MONITOR_H

#include "batch/batch_view.h"
#include "net/loop.h"

struct monitor;

struct monitor_options {
    const char *listen;             /* NULL: off */
    const char *tls_cert, *tls_key; /* paths */
    const char *token_file;
    const char *metrics_file; /* NULL: none */
    enum file_access access;  /* of that */
};

/* The texts are the configuration's. */
void monitor_options_read(struct monitor_options *o, const struct config *config);

/* ERR_USAGE and a sentence that names the option: an address that is in use or can't be read, one that others reach
 * without TLS or without a token, a certificate or a file of a token that can't be used. What VIEWS show must
 * outlive it. */
MUST_CHECK int monitor_new(struct monitor **out, struct loop *loop,
                           const struct monitor_options *options, const struct batch_views *views,
                           struct error *e);
void monitor_reload(struct monitor *m);
void monitor_close(struct monitor *m, void (*closed)(void *ctx), void *ctx);

#endif
