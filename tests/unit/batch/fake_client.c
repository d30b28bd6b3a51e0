/* See fake_client.h. */
#include "fake_client.h"

#include "base/list.h"
#include "base/text.h"
#include "record.h"

#include <stdlib.h>

struct mindee_client {
    struct list calls;
    size_t count;
    const char *refusal; /* of the next call; "" if it may go */
    const char *refused;
};

struct call {
    struct list node;
    mindee_cb cb;
    void *ctx;
};

void (*fake_client_look)(const struct mindee_enqueue *enqueue);

const char *fake_client_new_fails;

struct mindee_client *fake_client_new(void)
{
    struct mindee_client *client = xcalloc(1, sizeof *client);
    list_init(&client->calls);
    client->refusal = client->refused = "";
    return client;
}

void fake_client_free(struct mindee_client *client)
{
    REQUIRE(client->count == 0);
    free(client);
}

size_t fake_client_calls(const struct mindee_client *client)
{
    return client->count;
}

void fake_client_answer(struct mindee_client *client, const struct mindee_response *r)
{
    REQUIRE(client->count > 0);
    struct call *first = LIST_ENTRY(list_first(&client->calls), struct call, node);
    const struct call c = *first;
    list_remove(&first->node);
    free(first);
    client->count--;
    c.cb(c.ctx, r);
}

void fake_client_refuse_next(struct mindee_client *client, const char *text)
{
    client->refusal = text;
}

struct mindee_response fake_response(int status)
{
    return (struct mindee_response){.delivery = MINDEE_ANSWERED,
                                    .fault = MINDEE_OK,
                                    .text = "",
                                    .status = status,
                                    .retry_after_ms = -1,
                                    .on_wire = true};
}

struct mindee_response fake_silence(enum mindee_delivery delivery, enum mindee_fault fault)
{
    return (struct mindee_response){
        .delivery = delivery, .fault = fault, .text = "no answer", .retry_after_ms = -1};
}

/* --- mindee.h --- */

static int add_call(struct mindee_client *client, mindee_cb cb, void *ctx)
{
    if (*client->refusal) {
        client->refused = client->refusal;
        client->refusal = "";
        return -1;
    }
    struct call *c = xcalloc(1, sizeof *c);
    c->cb = cb;
    c->ctx = ctx;
    list_push_back(&client->calls, &c->node);
    client->count++;
    return 0;
}

const char *const mindee_product_names[] = {"extraction", "classification", "crop", "split", "ocr",
                                            NULL};

int mindee_client_new(struct mindee_client **out, struct uv_loop_s *loop,
                      const struct mindee_options *options, char *text, size_t text_size)
{
    (void)loop, (void)options;
    if (fake_client_new_fails) {
        text_copy(text, text_size, fake_client_new_fails);
        return -1;
    }
    *out = fake_client_new();
    return 0;
}

void mindee_client_close(struct mindee_client *client, void (*closed)(void *ctx), void *ctx)
{
    record("close");
    const struct mindee_response r = fake_silence(MINDEE_NOT_SENT, MINDEE_CANCELLED);
    while (client->count > 0)
        fake_client_answer(client, &r);
    fake_client_free(client);
    if (closed)
        closed(ctx);
}

void mindee_client_cancel_uploads(struct mindee_client *client)
{
    (void)client;
    record("cancel_uploads");
}

void mindee_client_cancel_stalled(struct mindee_client *client, int64_t still_ms)
{
    (void)client;
    record("cancel_stalled %lld", (long long)still_ms);
}

int mindee_enqueue(struct mindee_client *client, const struct mindee_enqueue *enqueue, mindee_cb cb,
                   void *ctx)
{
    record("enqueue %s %s", record_text(enqueue->filename), record_text(enqueue->alias));
    if (fake_client_look)
        fake_client_look(enqueue);
    return add_call(client, cb, ctx);
}

int mindee_get_job(struct mindee_client *client, const char *job_id, mindee_cb cb, void *ctx)
{
    record("get_job %s", job_id);
    return add_call(client, cb, ctx);
}

void mindee_get_result(struct mindee_client *client, const char *url, mindee_cb cb, void *ctx)
{
    record("get_result %s", url);
    REQUIRE(add_call(client, cb, ctx) == 0);
}

void mindee_search_models(struct mindee_client *client, const char *name, const char *type,
                          int page, mindee_cb cb, void *ctx)
{
    record("search_models %s %s %d", record_text(name), record_text(type), page);
    REQUIRE(add_call(client, cb, ctx) == 0);
}

const char *mindee_refusal(const struct mindee_client *client)
{
    return client->refused;
}
