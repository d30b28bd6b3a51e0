/* What the API says when it refuses. The codes for bad fields and bad keys are Mindee's own (see
 * its samples); for the other statuses, for which none is published,
 * they follow the same pattern. */
#include "sandbox/problem.h"

#include "sandbox/json_text.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    int status;
    const char *code, *title, *detail;
} usual[] = {
    {400, "400-001", "Bad request", "The request can't be understood."},
    {401, "401-001", "Invalid API key", "The provided API key is invalid."},
    {402, "402-001", "Payment required", "The plan's credits are exhausted."},
    {403, "403-001", "Forbidden", "This key has no access to the resource."},
    {404, "404-001", "Not found", "The resource doesn't exist, or not any more."},
    {405, "405-001", "Method not allowed", "This path doesn't know that method."},
    {413, "413-001", "Content too large", "The file is over the limit of 100 MB."},
    {422, "422-001", "Invalid fields in form", "One or more fields failed validation."},
    {429, "429-001", "Too many requests", "The rate limit of your organisation is exceeded."},
    {500, "500-001", "Internal server error", "The server failed to process the request."},
    {502, "502-001", "Bad gateway", "The server behind the gateway gave no good answer."},
    {503, "503-001", "Service unavailable", "The service is not available for the moment."},
    {504, "504-001", "Gateway timeout", "The server behind the gateway gave no answer in time."},
};

int problem_set(struct problem *p, int status, const char *detail)
{
    *p = (struct problem){.status = status, .code = "000-000", .title = "Error"};
    const char *words = "The request was refused.";
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (usual[i].status != status)
            continue;
        p->code = usual[i].code;
        p->title = usual[i].title;
        words = usual[i].detail;
    }
    snprintf(p->detail, sizeof p->detail, "%s", detail != NULL ? detail : words);
    return -1;
}

int problem_no_credentials(struct problem *p)
{
    *p = (struct problem){.status = 401,
                          .code = "401-008",
                          .title = "Missing credentials",
                          .detail = "Credentials are required."};
    return -1;
}

int problem_bad_key(struct problem *p)
{
    return problem_set(p, 401, NULL);
}

int problem_field(struct problem *p, const char *field, const char *format, ...)
{
    problem_set(p, 422, NULL);
    snprintf(p->pointer, sizeof p->pointer, "#/%s", field);
    va_list args;
    va_start(args, format);
    vsnprintf(p->item, sizeof p->item, format, args);
    va_end(args);
    return -1;
}

int problem_detail(struct problem *p, const char *detail)
{
    snprintf(p->detail, sizeof p->detail, "%s", detail);
    return -1;
}

void problem_write(struct buffer *b, const struct problem *p)
{
    buffer_printf(b, "{\"status\":%d,", p->status);
    json_put_member(b, "detail", p->detail);
    buffer_put(b, ",");
    json_put_member(b, "title", p->title);
    buffer_put(b, ",");
    json_put_member(b, "code", p->code);
    buffer_put(b, ",\"errors\":[");
    if (p->pointer[0] != 0) {
        buffer_put(b, "{");
        json_put_member(b, "pointer", p->pointer);
        buffer_put(b, ",");
        json_put_member(b, "detail", p->item);
        buffer_put(b, "}");
    }
    buffer_put(b, "]}");
}
