/* See post_office.h. A delivery is read once, here, and its reading lent to the boxes. */
#include "batch/post_office.h"
#include "base/log.h"

#include <stdlib.h>

struct post_office {
    struct webhook_receiver *receiver;
    struct list boxes; /* struct post_box */
    size_t expected;   /* boxes of which each may be absent for a while */
};

static bool somebody_is_absent(const struct post_office *office)
{
    size_t here = 0;
    LIST_EACH (node, &office->boxes)
        here++;
    return here < office->expected;
}

static enum post_answer offer_to_all(struct post_office *office, struct webhook_delivery *d,
                                     const struct mindee_webhook *w, const char *body, size_t len)
{
    enum post_answer answer = POST_UNKNOWN;
    LIST_EACH (node, &office->boxes) {
        struct post_box *box = LIST_ENTRY(node, struct post_box, node);
        enum post_answer a = box->offer(box->ctx, d, w, body, len, false);
        if (a == POST_TAKEN)
            return a;
        answer = a == POST_CANT ? a : answer;
    }
    struct list *first = list_first(&office->boxes);
    if (answer == POST_UNKNOWN && first && !somebody_is_absent(office)) {
        struct post_box *box = LIST_ENTRY(first, struct post_box, node);
        return box->offer(box->ctx, d, w, body, len, true);
    }
    return POST_CANT;
}

static void delivered_cb(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    struct post_office *office = ctx;
    struct mindee_webhook w;
    struct mindee_webhook_text *owner = NULL;
    bool readable = mindee_webhook_parse(body, len, &w, &owner) == 0;
    if (offer_to_all(office, d, readable ? &w : NULL, body, len) != POST_TAKEN)
        webhook_delivery_reply(d, 503);
    mindee_webhook_free(owner);
}

int post_office_open(struct post_office **out, struct loop *loop, const struct batch_options *o,
                     struct error *e)
{
    struct post_office *office = xcalloc(1, sizeof *office);
    struct webhook_receiver_options ro = {.listen = o->webhook_listen,
                                          .path = o->webhook_path,
                                          .secrets = o->webhook_secrets,
                                          .query_secret = o->webhook_query_secret,
                                          .tls_cert = o->webhook_tls_cert,
                                          .tls_key = o->webhook_tls_key,
                                          .delivered = delivered_cb,
                                          .ctx = office};
    list_init(&office->boxes);
    int rc = webhook_receiver_new(&office->receiver, loop, &ro, e);
    if (rc < 0) {
        free(office);
        return rc;
    }
    LOG(LOG_INFO, "webhook.listening", LOG_STR("listen", o->webhook_listen),
        LOG_INT("port", webhook_receiver_port(office->receiver)));
    *out = office;
    return 0;
}

void post_office_expect(struct post_office *office, size_t boxes)
{
    office->expected = boxes;
}

void post_office_join(struct post_office *office, struct post_box *box)
{
    list_push_back(&office->boxes, &box->node);
}

void post_office_leave(struct post_box *box)
{
    list_remove(&box->node);
}

bool post_office_reload(struct post_office *office)
{
    return webhook_receiver_reload(office->receiver);
}

void post_office_counts(const struct post_office *office, struct webhook_receiver_counts *out)
{
    webhook_receiver_counts(office->receiver, out);
}

void post_office_close(struct post_office *office, int64_t grace_ms, void (*closed)(void *ctx),
                       void *ctx)
{
    REQUIRE(list_empty(&office->boxes));
    webhook_receiver_close(office->receiver, grace_ms, closed, ctx);
    free(office);
}
