/* endpoint.h - where Mindee is: the base URL, its origin, and which URLs the key may go to.
 *
 * An origin is scheme, host and port, compared after lower-casing and with default ports filled in.
 * Whatever a URL from outside says, the one that is requested is built from our own origin and that
 * URL's path, so no two parsers can disagree about where the key goes. */
#ifndef MB_CLIENT_ENDPOINT_H
#define MB_CLIENT_ENDPOINT_H

#include "base/buffer.h"
#include "base/error.h"

#define ENDPOINT_DEFAULT "https://api-v2.mindee.net"

enum { ENDPOINT_URL_MAX = 4096, ENDPOINT_JOB_ID_MAX = 64 };

struct endpoint {
    char *origin;  /* "https://api-v2.mindee.net", "http://127.0.0.1:8080": the port only if it
                      isn't the scheme's own */
    char *prefix;  /* "" or "/path", what the base URL has before /v2 */
    bool loopback; /* plain http, and so of this machine alone */
};

/* BASE_URL: https, or http for loopback (127.0.0.0/8, ::1, localhost); with or without a path, a
 * trailing slash and a trailing /v2 (as the official SDKs write it). No user name, query or
 * fragment. 0 or ERR_USAGE with a sentence. */
MUST_CHECK int endpoint_init(struct endpoint *p, const char *base_url, struct error *e);
void endpoint_release(struct endpoint *p);

/* Appends the URL of PATH ("/v2/jobs/"). */
void endpoint_url(const struct endpoint *p, const char *path, struct buffer *out);

/* Appends the URL to request for URL, which came from an answer: absolute and of our origin, or a
 * path from the root. ERR_USAGE with a sentence if it is anything else. */
MUST_CHECK int endpoint_follow(const struct endpoint *p, const char *url, struct buffer *out,
                               struct error *e);

/* Appends "&name=value" ("?" if it is the first), percent-encoded. */
void endpoint_query(struct buffer *out, const char *name, const char *value);

/* Letters, digits and dashes, 1 to 64 of them: it can stand in a path as it is. */
bool endpoint_is_job_id(const char *id);

#endif
