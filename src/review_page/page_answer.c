/* See page_answer.h. No header allows another origin anything; what isn't listed in the policy is refused. */
#include "review_page/page_answer.h"

#include "format/json_string.h"

#include <string.h>

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'";

static void answer(struct http_request *r, struct http_reply reply, const char *type)
{
    const struct http_header headers[] = {
        {"Content-Security-Policy", policy},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cache-Control", "no-store"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"X-Frame-Options", "DENY"},
        {"Content-Type", type},
        {"Allow", "GET, POST"}, /* of a 405 alone */
    };
    reply.headers = headers;
    reply.header_count = sizeof headers / sizeof *headers - (reply.status == 405 ? 0 : 1);
    http_request_reply(r, &reply);
}

void page_answer(struct http_request *r, int status, const char *type, struct buffer *body)
{
    answer(r, (struct http_reply){.status = status, .body = body}, type);
}

void page_answer_file(struct http_request *r, const char *type, int fd, int64_t bytes)
{
    answer(r,
           (struct http_reply){
               .status = 200, .has_file = true, .file = fd, .file_bytes = (uint64_t)bytes},
           type);
}

void page_answer_json(struct http_request *r, int status, struct buffer *body)
{
    page_answer(r, status, "application/json", body);
}

void page_answer_error(struct http_request *r, int status, const char *words)
{
    struct buffer body;
    buffer_init(&body, 0);
    buffer_put(&body, "{\"error\":");
    json_string_put(&body, words, strlen(words));
    buffer_put(&body, "}\n");
    page_answer_json(r, status, &body);
}
