/* See answer.h. */
#include "monitor/answer.h"

#include "format/json_string.h"

#include <string.h>

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

void answer(struct http_request *r, int status, const char *type, struct buffer *body,
            const struct http_header *extra)
{
    struct http_header headers[9] = {
        {"Content-Type", type},
        {"Content-Security-Policy", policy},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "same-origin"}, /* without, a form says no Origin */
        {"Cache-Control", "no-store"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"X-Frame-Options", "DENY"},
    };
    size_t count = 7;
    if (extra)
        headers[count++] = *extra;
    const struct http_reply reply = {
        .status = status, .headers = headers, .header_count = count, .body = body};
    http_request_reply(r, &reply);
}

void answer_json(struct http_request *r, int status, struct buffer *body)
{
    answer(r, status, "application/json", body, NULL);
}

void answer_text(struct http_request *r, int status, const char *type, const char *text)
{
    struct buffer body;
    buffer_init(&body, 0);
    buffer_put(&body, text);
    answer(r, status, type, &body, NULL);
}

void answer_error(struct http_request *r, int status, const char *words)
{
    struct buffer body;
    const struct http_header allow = {"Allow", "GET, HEAD"};
    const struct http_header asks = {"WWW-Authenticate", "Bearer"};
    buffer_init(&body, 0);
    buffer_put(&body, "{\"error\":");
    json_string_put(&body, words, strlen(words));
    buffer_put(&body, "}\n");
    answer(r, status, "application/json", &body,
           status == 405   ? &allow
           : status == 401 ? &asks
                           : NULL);
}
