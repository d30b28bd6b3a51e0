/* The client's beginning and end: see mindee.h. What it is asked for is in calls.c and run.c.
 *
 * Closing is a conjunction: the pool is closed (which answers all its transfers as cancelled), `later` and
 * `runs` are empty; client_maybe_closed() is the one place that frees. Calls made while closing are
 * answered as cancelled. */
#include "base/text.h"
#include "client/client_internal.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 1024 };

/* The key travels as a header's value: a line end in it would be a header of its own. */
static int check_key(const char *key, struct error *e)
{
    if (!key || !*key)
        return error_set(e, ERR_USAGE, "an API key is needed");
    if (strlen(key) > KEY_MAX)
        return error_set(e, ERR_USAGE, "the API key is over %d bytes", KEY_MAX);
    for (const char *p = key; *p; p++)
        if (*p <= ' ' || *p > '~')
            return error_set(e, ERR_USAGE,
                             "the API key has a space, a line end or another character in it that "
                             "no key has");
    return 0;
}

static int open_pool(struct mindee_client *client, const struct mindee_options *o, struct error *e)
{
    /* Plain http stays on this machine: a proxy would read the key. */
    const struct transfer_pool_options options = {
        .ca_file = o->ca_file,
        .proxy = client->endpoint.loopback ? "" : o->proxy,
        .user_agent = o->user_agent ? o->user_agent : "libmindee/" MB_VERSION,
        .http2 = o->http2,
        .connect_timeout_ms = o->connect_timeout_ms > 0 ? o->connect_timeout_ms : 10000,
        .idle_timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : 120000,
    };
    return transfer_pool_new(&client->pool, client->loop, &options, e);
}

static int open_client(struct mindee_client *client, struct uv_loop_s *loop,
                       const struct mindee_options *o, struct error *e)
{
    client->max_result_bytes = o->max_result_bytes ? o->max_result_bytes : (size_t)64 * 1000 * 1000;
    list_init(&client->uploads);
    list_init(&client->requests);
    list_init(&client->later);
    list_init(&client->runs);
    client->loop = loop_adopt(loop, &system_clock);
    if (open_pool(client, o, e) < 0) {
        loop_free(client->loop);
        return e->code;
    }
    client->timer = loop_timer_new(client->loop, calls_answer_later, client);
    client->key = xstrdup(o->api_key);
    return 0;
}

int mindee_client_new(struct mindee_client **out, struct uv_loop_s *loop,
                      const struct mindee_options *options, char *text, size_t text_size)
{
    struct error e = {0};
    struct mindee_options o = MINDEE_OPTIONS_INIT;
    struct mindee_client *client = xcalloc(1, sizeof *client);
    *out = NULL;
    if (sized_copy(&o, sizeof o, options, "mindee_options", &e) < 0 ||
        check_key(o.api_key, &e) < 0 ||
        endpoint_init(&client->endpoint, o.base_url ? o.base_url : ENDPOINT_DEFAULT, &e) < 0 ||
        open_client(client, loop, &o, &e) < 0) {
        if (text_size)
            text_copy(text, text_size, e.text);
        endpoint_release(&client->endpoint);
        free(client);
        return -1;
    }
    *out = client;
    return 0;
}

static void on_pool_closed(void *ctx)
{
    struct mindee_client *client = ctx;
    client->pool_closed = true;
    client_maybe_closed(client);
}

void mindee_client_close(struct mindee_client *client, void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(!client->closing);
    client->closing = true;
    client->closed = closed;
    client->closed_ctx = ctx;
    runs_cancel(client, NULL, true);
    transfer_pool_close(client->pool, on_pool_closed, client);
}

void mindee_cancel(struct mindee_client *client, void *ctx)
{
    runs_cancel(client, ctx, false);
    calls_cancel(client, ctx);
}
