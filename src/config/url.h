/* url.h - as much of a URL as options need: its scheme and host;
 * and how it is shown without its password. */
#ifndef MB_CONFIG_URL_H
#define MB_CONFIG_URL_H

#include "base/require.h"

#include <stdbool.h>

struct url {
    bool https;
    bool credentials;    /* user:password@ */
    bool query_fragment; /* has either */
    char host[256];      /* lower case; an IPv6 address without its brackets */
};

/* http or https, with a host. 0 or ERR_FORMAT. */
MUST_CHECK int url_parse(const char *text, struct url *url);

/* "localhost", 127.0.0.0/8 or ::1, written as such: nothing is looked up. */
bool url_is_loopback(const struct url *url);

/* For people: without user and password, control characters escaped, cut if long. Returns OUT. */
enum { URL_SHOWN_MAX = 300 };
const char *url_show(const char *text, char out[URL_SHOWN_MAX]);

#endif
