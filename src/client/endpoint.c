/* See endpoint.h.
 *
 * A URL is split strictly: what isn't plainly scheme://host[:port][/path] is refused rather than
 * guessed at. Hosts are names, IPv4 addresses or bracketed IPv6 addresses; the latter are brought
 * to their canonical text, so that two spellings of one address are equal. */
#include "client/endpoint.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct url {
    bool https;
    char host[256]; /* lower case; IPv6 without brackets */
    bool ipv6;
    int port;
    const char *rest; /* path, query and fragment; "" or from the first '/', '?' or '#' on */
};

static int split_ipv6(struct url *u, const char *text, size_t len)
{
    char raw[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (len >= sizeof raw)
        return ERR_FORMAT;
    memcpy(raw, text, len);
    raw[len] = '\0';
    if (inet_pton(AF_INET6, raw, &address) != 1 ||
        !inet_ntop(AF_INET6, &address, u->host, sizeof u->host))
        return ERR_FORMAT;
    u->ipv6 = true;
    return 0;
}

static int split_host(struct url *u, const char *text, size_t len)
{
    if (!len || len >= sizeof u->host)
        return ERR_FORMAT;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (!isascii(c) || (!isalnum(c) && c != '-' && c != '.' && c != '_'))
            return ERR_FORMAT;
        u->host[i] = (char)tolower(c);
    }
    u->host[len] = '\0';
    return 0;
}

/* TEXT up to END: nothing, or a colon with nothing or a number behind it. */
static int split_port(struct url *u, const char *text, const char *end)
{
    u->port = u->https ? 443 : 80;
    if (text == end)
        return 0;
    if (*text != ':')
        return ERR_FORMAT;
    if (++text == end)
        return 0;
    int port = 0;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9' || port > 65535)
            return ERR_FORMAT;
        port = port * 10 + (*text - '0');
    }
    u->port = port;
    return port >= 1 && port <= 65535 ? 0 : ERR_FORMAT;
}

static int url_split(struct url *u, const char *text, struct error *e)
{
    *u = (struct url){.https = strncasecmp(text, "https://", 8) == 0, .rest = ""};
    if (!u->https && strncasecmp(text, "http://", 7) != 0)
        return error_set(e, ERR_USAGE, "it doesn't begin with https://");
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || strchr("\\\"<>^`{|}", *p))
            return error_set(e, ERR_USAGE, "it has a character that no URL has");
    const char *authority = text + (u->https ? 8 : 7);
    const char *end = authority + strcspn(authority, "/?#");
    if (memchr(authority, '@', (size_t)(end - authority)))
        return error_set(e, ERR_USAGE, "it has a user name or password in it");
    u->rest = end;
    const char *host_end;
    int r;
    if (*authority == '[') {
        const char *close = memchr(authority, ']', (size_t)(end - authority));
        if (!close)
            return error_set(e, ERR_USAGE, "its host is malformed");
        r = split_ipv6(u, authority + 1, (size_t)(close - authority) - 1);
        host_end = close + 1;
    } else {
        const char *colon = memchr(authority, ':', (size_t)(end - authority));
        host_end = colon ? colon : end;
        r = split_host(u, authority, (size_t)(host_end - authority));
    }
    if (r < 0)
        return error_set(e, ERR_USAGE, "its host is malformed");
    if (split_port(u, host_end, end) < 0)
        return error_set(e, ERR_USAGE, "its port is malformed");
    return 0;
}

/* A URL for a message, but for one that may hold a password. */
static const char *shown(const char *url)
{
    return strchr(url, '@') ? "(not shown)" : text_show(url);
}

/* By its text alone: no name but localhost is trusted to mean this machine, and no short or octal
 * spelling of an address. */
static bool is_loopback(const struct url *u)
{
    struct in_addr v4;
    if (u->ipv6)
        return strcmp(u->host, "::1") == 0;
    return strcmp(u->host, "localhost") == 0 ||
           (strncmp(u->host, "127.", 4) == 0 && inet_pton(AF_INET, u->host, &v4) == 1);
}

static char *origin_text(const struct url *u)
{
    struct buffer b;
    buffer_init(&b, 0);
    buffer_printf(&b, u->ipv6 ? "%s://[%s]" : "%s://%s", u->https ? "https" : "http", u->host);
    if (u->port != (u->https ? 443 : 80))
        buffer_printf(&b, ":%d", u->port);
    char *text = xstrdup(buffer_text(&b));
    buffer_release(&b);
    return text;
}

int endpoint_init(struct endpoint *p, const char *base_url, struct error *e)
{
    struct url u;
    *p = (struct endpoint){0};
    if (strlen(base_url) > ENDPOINT_URL_MAX / 2)
        return error_set(e, ERR_USAGE, "base URL: it is too long");
    if (url_split(&u, base_url, e) < 0)
        return error_wrap(e, "base URL %s", shown(base_url));
    if (strpbrk(u.rest, "?#"))
        return error_set(e, ERR_USAGE, "base URL %s: it has a query or a fragment",
                         text_show(base_url));
    if (!u.https && !is_loopback(&u))
        return error_set(e, ERR_USAGE,
                         "base URL %s: plain http would show the API key to the network; it is for "
                         "loopback addresses alone, use https",
                         text_show(base_url));
    size_t len = strlen(u.rest);
    while (len && u.rest[len - 1] == '/')
        len--;
    if (len >= 3 && memcmp(u.rest + len - 3, "/v2", 3) == 0)
        len -= 3;
    while (len && u.rest[len - 1] == '/')
        len--;
    p->prefix = xcalloc(len + 1, 1);
    memcpy(p->prefix, u.rest, len);
    p->origin = origin_text(&u);
    p->loopback = !u.https;
    return 0;
}

void endpoint_release(struct endpoint *p)
{
    free(p->origin);
    free(p->prefix);
    *p = (struct endpoint){0};
}

void endpoint_url(const struct endpoint *p, const char *path, struct buffer *out)
{
    buffer_printf(out, "%s%s%s", p->origin, p->prefix, path);
}

int endpoint_follow(const struct endpoint *p, const char *url, struct buffer *out, struct error *e)
{
    struct url u;
    const char *path = url;
    if (strlen(url) > ENDPOINT_URL_MAX)
        return error_set(e, ERR_USAGE, "the URL is too long");
    if (url[0] == '/' && url[1] != '/') {
        /* The same strictness about characters, by way of a complete URL. */
        struct buffer whole;
        buffer_init(&whole, 0);
        buffer_printf(&whole, "%s%s", p->origin, url);
        int r = url_split(&u, buffer_text(&whole), e);
        buffer_release(&whole);
        if (r < 0)
            return error_wrap(e, "the URL %s", text_show(url));
    } else {
        if (url_split(&u, url, e) < 0)
            return error_wrap(e, "the URL %s", shown(url));
        char *origin = origin_text(&u);
        bool ours = strcmp(origin, p->origin) == 0;
        if (!ours)
            error_set(e, ERR_USAGE, "the URL is of %s, not of %s", origin, p->origin);
        free(origin);
        if (!ours)
            return ERR_USAGE;
        path = u.rest;
    }
    buffer_printf(out, "%s%s%.*s", p->origin, *path == '/' ? "" : "/", (int)strcspn(path, "#"),
                  path);
    return 0;
}

void endpoint_query(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, "%c%s=", strchr(buffer_text(out), '?') ? '&' : '?', name);
    for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
        if (isascii(*p) && (isalnum(*p) || strchr("-._~", *p)))
            buffer_printf(out, "%c", *p);
        else
            buffer_printf(out, "%%%02X", *p);
    }
}

bool endpoint_is_job_id(const char *id)
{
    size_t len = 0;
    for (; id[len]; len++) {
        unsigned char c = (unsigned char)id[len];
        if (len == ENDPOINT_JOB_ID_MAX || !isascii(c) || (!isalnum(c) && c != '-'))
            return false;
    }
    return len > 0;
}
