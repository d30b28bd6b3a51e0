/* guard.h - who may look at what http.listen serves: pure, before anything of a request is used.
 *
 *   guard_init(&g, &(struct guard_place){...});
 *   guard_token(&g, token);                       who knows it gets in; without, everybody who reaches us does
 *   status = guard_look(&g, &visit, now_ms, &why);    0: it may go on; 303: to the form for the token; else the answer's
 *                                                     status and a sentence
 *   if (guard_takes_token(&g, typed, now_ms))         the form was sent: hand out g.cookie
 *
 * In this order: Host is ours or an address (421), so that no page of another's reaches us under a name of its own that
 * points here; the method reads (405), or it is the form's, from our own page (403); the token, in `Authorization:
 * Bearer` or in the cookie that the form gave (401, and 429 from the 21st wrong one of a minute on: the right one is taken
 * all the same), but for /healthz and the form. */
#ifndef MB_MONITOR_GUARD_H
#define MB_MONITOR_GUARD_H

#include "base/digest.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    GUARD_NAME_MAX = 256,
    GUARD_COOKIE_TEXT = SHA256_HEX,
    GUARD_WRONG_TOKENS = 20, /* a minute */
};

struct guard_place {
    const char
        *host; /* of http.listen; "" or NULL: a socket in the file system, or every address */
    const char *machine; /* its own name */
    bool tls;
    /* Whether the certificate is for a name: what a browser checked already. NULL: there is none. */
    bool (*is_for)(void *ctx, const char *name);
    void *ctx;
};

struct guard {
    struct guard_place place;
    char host[GUARD_NAME_MAX], machine[GUARD_NAME_MAX];
    bool has_token;
    uint8_t token[SHA256_BYTES]; /* its digest */
    char cookie[GUARD_COOKIE_TEXT];
    int64_t minute_began_ms;
    int wrong; /* tokens since then */
};

/* What a request says of itself. Each but the method and the path may be NULL. */
struct guard_visit {
    const char *method, *path;
    const char *host, *origin, *fetch_site, *authorization, *cookie, *accept;
};

extern const char guard_cookie_name[];

/* The place's texts are copied, its ctx isn't. */
void guard_init(struct guard *g, const struct guard_place *place);
/* TOKEN NULL: none is needed. */
void guard_token(struct guard *g, const char *token);
int guard_look(struct guard *g, const struct guard_visit *v, int64_t now_ms, const char **why);
bool guard_takes_token(struct guard *g, const char *typed, int64_t now_ms);

#endif
