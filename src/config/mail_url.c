/* See mail_url.h. Behind its scheme it is a URL as any other (url.h), with nothing after the port. */
#include "config/mail_url.h"
#include "base/error.h"
#include "config/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 800 };

static bool decode_user(const char *p, size_t len, char out[MAIL_USER_MAX])
{
    size_t used = 0;
    for (const char *end = p + len; p < end; used++) {
        unsigned char c = (unsigned char)*p++;
        if (c == '%') {
            if (end - p < 2 || !isxdigit((unsigned char)p[0]) || !isxdigit((unsigned char)p[1]))
                return false;
            c = (unsigned char)strtol((const char[]){p[0], p[1], '\0'}, NULL, 16);
            p += 2;
        } else if (c == ':') {
            return false;
        }
        if (!isprint(c) || used + 1 >= MAIL_USER_MAX)
            return false;
        out[used] = (char)c;
    }
    out[used] = '\0';
    return used > 0;
}

int mail_url_parse(const char *text, struct mail_url *url)
{
    char as_http[URL_MAX];
    struct url parsed;
    memset(url, 0, sizeof *url);
    url->tls = strncasecmp(text, "smtps://", 8) == 0;
    if (!url->tls && strncasecmp(text, "smtp://", 7) != 0)
        return ERR_FORMAT;
    const char *rest = text + (url->tls ? 8 : 7);
    int len = snprintf(as_http, sizeof as_http, "http://%s", rest);
    if (len >= (int)sizeof as_http || url_parse(as_http, &parsed) < 0)
        return ERR_FORMAT;
    size_t authority = strcspn(rest, "/?#");
    if (rest[authority] && strcmp(rest + authority, "/") != 0)
        return ERR_FORMAT;
    const char *at = memrchr(rest, '@', authority);
    if (at && !decode_user(rest, (size_t)(at - rest), url->user))
        return ERR_FORMAT;
    const char *host = at ? at + 1 : rest;
    len = snprintf(url->server, sizeof url->server, "%s://%.*s", url->tls ? "smtps" : "smtp",
                   (int)(rest + authority - host), host);
    url->loopback = url_is_loopback(&parsed);
    return len < (int)sizeof url->server ? 0 : ERR_FORMAT;
}

bool mail_address_is_right(const char *text)
{
    enum { LONGEST = 254, LONGEST_NAME = 64 };
    const char *at = strchr(text, '@');
    size_t len = strlen(text);
    if (!at || at == text || !at[1] || strchr(at + 1, '@') || at - text > LONGEST_NAME ||
        len > LONGEST || *text == '-')
        return false;
    for (const char *p = text; *p; p++)
        if (!isgraph((unsigned char)*p) || strchr("<>()[],;:\\\"", *p))
            return false;
    return true;
}
