/* The trace: a line of JSON for each answer, for whoever wants to know what a client was told, and
 * for tests that hold every answer against the API's description. A trace that can't be written,
 * or is at its limit, ends; the sandbox goes on. */
#include "sandbox/json_text.h"
#include "sandbox/sandbox_internal.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TRACE_MAX_BYTES 1000000000u

static void end_trace(struct sandbox *s, const char *cause)
{
    s->options.trace_fd = -1; /* whose it is closes it */
    LOG(LOG_WARNING, "sandbox.trace", LOG_STR("cause", cause));
}

void trace_answer(struct sandbox *s, const struct http_request *r, const struct answer *a)
{
    struct buffer line;
    if (s->options.trace_fd < 0)
        return;
    buffer_init(&line, 0);
    buffer_put(&line, "{");
    json_put_member(&line, "method", http_request_method(r));
    buffer_put(&line, ",");
    json_put_member(&line, "path", http_request_path(r));
    buffer_printf(&line, ",\"status\":%d,", a->status);
    json_put_member(&line, "type", a->type != NULL ? a->type : "application/json");
    buffer_put(&line, ",\"body\":");
    json_put_text(&line, buffer_text(&a->body));
    buffer_put(&line, "}\n");
    s->traced_bytes += line.len;
    if (s->traced_bytes > TRACE_MAX_BYTES)
        end_trace(s, "it is as large as it may be");
    else if (write(s->options.trace_fd, line.data, line.len) != (ssize_t)line.len)
        end_trace(s, strerror(errno));
    buffer_release(&line);
}
