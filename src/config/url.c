/* See url.h. Strict on purpose: whether a host is loopback decides if a key may travel in clear, so
 * what isn't plainly an address or a name is refused. */
#include "config/url.h"
#include "base/error.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The end of "http://" or "https://" in TEXT, or NULL. */
static const char *behind_scheme(const char *text, bool *https)
{
    *https = strncasecmp(text, "https://", 8) == 0;
    if (*https)
        return text + 8;
    return strncasecmp(text, "http://", 7) == 0 ? text + 7 : NULL;
}

static bool port_is_right(const char *p, const char *end)
{
    long port = 0;
    if (p == end)
        return true;
    if (*p++ != ':' || p == end || end - p > 5)
        return false;
    for (; p < end; p++) {
        if (!isdigit((unsigned char)*p))
            return false;
        port = port * 10 + (*p - '0');
    }
    return port >= 1 && port <= 65535;
}

int url_parse(const char *text, struct url *url)
{
    memset(url, 0, sizeof *url);
    const char *p = behind_scheme(text, &url->https);
    if (!p)
        return ERR_FORMAT;
    for (const char *c = text; *c; c++)
        if (!isgraph((unsigned char)*c) || *c == '\\')
            return ERR_FORMAT;
    const char *end = p + strcspn(p, "/?#");
    const char *at = memrchr(p, '@', (size_t)(end - p));
    url->credentials = at != NULL;
    url->query_fragment = strpbrk(end, "?#") != NULL;
    if (at)
        p = at + 1;
    bool bracket = *p == '[';
    p += bracket;
    const char *host_end =
        p + (bracket
                 ? strspn(p, "0123456789abcdefABCDEF:.")
                 : strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"));
    size_t n = (size_t)(host_end - p);
    if (n == 0 || n >= sizeof url->host)
        return ERR_FORMAT;
    for (size_t i = 0; i < n; i++)
        url->host[i] = (char)tolower((unsigned char)p[i]);
    if (bracket) {
        struct in6_addr address;
        if (*host_end++ != ']' || inet_pton(AF_INET6, url->host, &address) != 1)
            return ERR_FORMAT;
    }
    return port_is_right(host_end, end) ? 0 : ERR_FORMAT;
}

bool url_is_loopback(const struct url *url)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (strcmp(url->host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, url->host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, url->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

const char *url_show(const char *text, char out[URL_SHOWN_MAX])
{
    const char *slashes = strstr(text, "://"), *at = strrchr(text, '@');
    struct buffer b;
    buffer_init(&b, 0);
    if (at) {
        if (slashes && slashes < at)
            buffer_printf(&b, "%.*s", (int)(slashes + 3 - text), text);
        buffer_put(&b, "***");
    }
    buffer_put(&b, at ? at : text);
    text_copy(out, URL_SHOWN_MAX, text_show(buffer_text(&b)));
    buffer_release(&b);
    return out;
}
