/* See guard.h. Digests are compared, which have one length, so that the time says nothing of the token; the cookie is made
 * of it by a key's hash, so that it outlives a restart, ends with the token, and doesn't give it away. */
#include "monitor/guard.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MINUTE_MS = 60000 };

const char guard_cookie_name[] = "mindee_batch";

void guard_init(struct guard *g, const struct guard_place *place)
{
    *g = (struct guard){.place = *place};
    if (place->host)
        text_copy(g->host, sizeof g->host, place->host);
    if (place->machine)
        text_copy(g->machine, sizeof g->machine, place->machine);
    g->place.host = g->place.machine = NULL;
}

void guard_token(struct guard *g, const char *token)
{
    static const char purpose[] = "mindee-batch http.token_file";
    uint8_t mac[SHA256_BYTES];
    g->has_token = token != NULL;
    if (!token)
        return;
    sha256(token, strlen(token), g->token);
    hmac_sha256(token, strlen(token), purpose, sizeof purpose - 1, mac);
    hex_encode(mac, sizeof mac, g->cookie);
}

/* ---- Host ---- */

/* TEXT without its port, brackets and a point at its end. False: it is no host. */
static bool read_host(const char *text, char out[GUARD_NAME_MAX])
{
    const char *end = text + strlen(text), *colon = strrchr(text, ':');
    if (*text == '[') {
        text++;
        end = strchr(text, ']');
        if (!end || (end[1] && end[1] != ':'))
            return false;
    } else if (colon) {
        end = colon;
    }
    if (end > text && end[-1] == '.')
        end--;
    size_t len = (size_t)(end - text);
    if (len == 0 || len >= GUARD_NAME_MAX)
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

static bool is_address(const char *name)
{
    struct in6_addr any;
    return inet_pton(AF_INET, name, &any) == 1 || inet_pton(AF_INET6, name, &any) == 1;
}

/* "mill" and "mill.example.com" are one machine, whichever of the two the system calls it. */
static bool is_machine(const struct guard *g, const char *name)
{
    size_t first = strcspn(g->machine, ".");
    return *g->machine && (strcasecmp(name, g->machine) == 0 ||
                           (strlen(name) == first && strncasecmp(name, g->machine, first) == 0));
}

static bool names_us(const struct guard *g, const char *host)
{
    char name[GUARD_NAME_MAX];
    if (!host || !read_host(host, name))
        return false;
    if (is_address(name) || strcasecmp(name, "localhost") == 0)
        return true;
    if ((*g->host && strcasecmp(name, g->host) == 0) || is_machine(g, name))
        return true;
    return g->place.is_for && g->place.is_for(g->place.ctx, name);
}

/* An Origin is a scheme and what Host is. */
static bool is_our_origin(const struct guard *g, const struct guard_visit *v)
{
    const char *scheme = g->place.tls ? "https://" : "http://";
    size_t len = strlen(scheme);
    return strncasecmp(v->origin, scheme, len) == 0 && strcasecmp(v->origin + len, v->host) == 0;
}

/* ---- the token ---- */

static bool is_the_token(const struct guard *g, const char *text, size_t len)
{
    uint8_t theirs[SHA256_BYTES];
    sha256(text, len, theirs);
    return bytes_equal_constant_time(g->token, theirs, sizeof theirs);
}

static bool has_cookie(const struct guard *g, const char *cookies)
{
    size_t name = strlen(guard_cookie_name), value = strlen(g->cookie);
    for (const char *p = cookies; p && *p;) {
        p += strspn(p, "; ");
        size_t len = strcspn(p, ";");
        if (len == name + 1 + value && strncmp(p, guard_cookie_name, name) == 0 && p[name] == '=' &&
            bytes_equal_constant_time(p + name + 1, g->cookie, value))
            return true;
        p += len;
    }
    return false;
}

/* One more was wrong. True: too many were, this minute. */
static bool count_wrong(struct guard *g, int64_t now_ms)
{
    if (now_ms - g->minute_began_ms >= MINUTE_MS) {
        g->minute_began_ms = now_ms;
        g->wrong = 0;
    }
    if (g->wrong >= GUARD_WRONG_TOKENS)
        return true;
    g->wrong++;
    return false;
}

bool guard_takes_token(struct guard *g, const char *typed, int64_t now_ms)
{
    if (g->has_token && is_the_token(g, typed, strlen(typed)))
        return true;
    (void)count_wrong(g, now_ms);
    return false;
}

static int look_at_token(struct guard *g, const struct guard_visit *v, int64_t now_ms,
                         const char **why)
{
    static const char scheme[] = "Bearer ";
    size_t len = sizeof scheme - 1;
    bool given = v->authorization && strncasecmp(v->authorization, scheme, len) == 0;
    if (given && is_the_token(g, v->authorization + len, strlen(v->authorization + len)))
        return 0;
    if (has_cookie(g, v->cookie))
        return 0;
    if (given && count_wrong(g, now_ms)) {
        *why = "too many wrong tokens: wait a minute";
        return 429;
    }
    *why = "the token of http.token_file is needed, as Authorization: Bearer";
    return !given && v->accept && strstr(v->accept, "text/html") ? 303 : 401;
}

/* ---- all of it ---- */

static int look_at_form(const struct guard *g, const struct guard_visit *v, const char **why)
{
    bool stranger = v->fetch_site && strcmp(v->fetch_site, "same-origin") != 0 &&
                    strcmp(v->fetch_site, "none") != 0;
    *why = "another page asks: refused";
    return stranger || (v->origin && !is_our_origin(g, v)) ? 403 : 0;
}

int guard_look(struct guard *g, const struct guard_visit *v, int64_t now_ms, const char **why)
{
    bool reads = strcmp(v->method, "GET") == 0 || strcmp(v->method, "HEAD") == 0;
    bool form = strcmp(v->path, "/login") == 0;
    if (!names_us(g, v->host)) {
        *why = "that is no name of this server";
        return 421;
    }
    if (!reads && !(form && strcmp(v->method, "POST") == 0)) {
        *why = "GET and HEAD alone";
        return 405;
    }
    if (!reads)
        return look_at_form(g, v, why);
    if (!g->has_token || form || strcmp(v->path, "/healthz") == 0)
        return 0;
    return look_at_token(g, v, now_ms, why);
}
