/* See health.h. A ledger that another run has is no trouble: it is waited for. */
#include "monitor/health.h"

#include "format/json_string.h"

#include <string.h>

static void put_reason(struct buffer *out, int *count, const struct observed_batch *b,
                       const char *words)
{
    struct buffer text;
    buffer_init(&text, 0);
    if (b && *b->view.name)
        buffer_printf(&text, "batch %s: ", b->view.name);
    buffer_put(&text, words);
    buffer_put(out, (*count)++ ? "," : "");
    json_string_put(out, buffer_text(&text), text.len);
    buffer_release(&text);
}

static void look_at_batch(struct buffer *out, int *count, const struct observed_batch *b)
{
    bool open = b->view.batch != NULL;
    if (open && b->now.ledger_fails)
        put_reason(out, count, b, "the ledger can't be written");
    if (open && b->now.limits_fail)
        put_reason(out, count, b, "what is sent can't be noted (limits.state)");
    if (*b->view.trouble && strcmp(b->view.trouble, "busy") != 0)
        put_reason(out, count, b, b->view.trouble);
}

bool health_ready(struct buffer *out, const struct observed *seen)
{
    struct buffer reasons;
    int count = 0;
    buffer_init(&reasons, 0);
    if (seen->stopping)
        put_reason(&reasons, &count, NULL, "the program is being stopped");
    for (size_t i = 0; i < seen->count; i++)
        look_at_batch(&reasons, &count, &seen->batches[i]);
    buffer_printf(out, "{\"ready\":%s,\"reasons\":[%s]}\n", count ? "false" : "true",
                  buffer_text(&reasons));
    buffer_release(&reasons);
    return count == 0;
}
