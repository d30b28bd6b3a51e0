/* See page_guard.h. A name is compared whole: "127.0.0.1:80.evil.example" is none of ours. The digests of two tokens
 * are compared, which have one length, so that the time says nothing of either. */
#include "review_page/page_guard.h"

#include "base/digest.h"
#include "base/require.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

enum { MINUTE_MS = 60000 };

void page_token_make(char out[PAGE_TOKEN_TEXT])
{
    uint8_t bytes[PAGE_TOKEN_BYTES];
    REQUIRE(getrandom(bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes);
    hex_encode(bytes, sizeof bytes, out);
}

void page_guard_init(struct page_guard *g, uint16_t port, const char *token)
{
    *g = (struct page_guard){.port = port};
    snprintf(g->token, sizeof g->token, "%s", token);
}

/* TEXT is "<FRONT><a loopback name>:PORT". */
static bool names_us(const struct page_guard *g, const char *front, const char *text)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    char ours[64];
    for (size_t i = 0; text && i < sizeof names / sizeof *names; i++) {
        snprintf(ours, sizeof ours, "%s%s:%u", front, names[i], g->port);
        if (strcasecmp(ours, text) == 0)
            return true;
        /* A browser leaves the port of http away. */
        snprintf(ours, sizeof ours, "%s%s", front, names[i]);
        if (g->port == 80 && strcasecmp(ours, text) == 0)
            return true;
    }
    return false;
}

static bool is_the_token(const struct page_guard *g, const char *text)
{
    uint8_t ours[SHA256_BYTES], theirs[SHA256_BYTES];
    sha256(g->token, strlen(g->token), ours);
    sha256(text ? text : "", text ? strlen(text) : 0, theirs);
    return bytes_equal_constant_time(ours, theirs, sizeof ours);
}

static int look_at_token(struct page_guard *g, const char *token, int64_t now_ms, const char **why)
{
    if (is_the_token(g, token))
        return 0;
    if (now_ms - g->minute_began_ms >= MINUTE_MS) {
        g->minute_began_ms = now_ms;
        g->wrong = 0;
    }
    if (g->wrong >= PAGE_WRONG_TOKENS) {
        *why = "too many wrong tokens: wait a minute";
        return 429;
    }
    g->wrong++;
    *why = "the token is missing or wrong: open the address that `review serve` printed";
    return 401;
}

static int look_at_body(const struct page_visit *v, const char **why)
{
    static const char json[] = "application/json";
    const char *type = v->content_type;
    size_t len = sizeof json - 1;
    if (!type || strncasecmp(type, json, len) != 0 || (type[len] && !strchr("; \t", type[len]))) {
        *why = "the body must be application/json";
        return 415;
    }
    if (v->body_bytes < 0) {
        *why = "the body must come with its length";
        return 411;
    }
    if (v->body_bytes > PAGE_BODY_MAX) {
        *why = "the body is larger than 64 KB";
        return 413;
    }
    return 0;
}

int page_guard_look(struct page_guard *g, const struct page_visit *v, int64_t now_ms,
                    const char **why)
{
    bool get = strcmp(v->method, "GET") == 0, post = strcmp(v->method, "POST") == 0;
    if (!names_us(g, "", v->host)) {
        *why = "this page is at 127.0.0.1 alone";
        return 421;
    }
    if (v->origin && !names_us(g, "http://", v->origin)) {
        *why = "another page asks: refused";
        return 403;
    }
    if (v->fetch_site && strcmp(v->fetch_site, "same-origin") != 0 &&
        strcmp(v->fetch_site, "none") != 0) {
        *why = "another page asks: refused";
        return 403;
    }
    if (!get && !post) {
        *why = "GET and POST alone";
        return 405;
    }
    if (strncmp(v->path, "/api/", 5) == 0) {
        int status = look_at_token(g, v->token, now_ms, why);
        if (status)
            return status;
    }
    if (post)
        return look_at_body(v, why);
    if (v->body_bytes != 0) {
        *why = "a GET has no body";
        return 400;
    }
    return 0;
}
