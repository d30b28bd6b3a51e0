/* See fake_receiver.h. */
#include "fake_receiver.h"

#include "virtual_loop.h"

#include "base/list.h"
#include "webhook/webhook_receiver.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { HOLD_MS = 60000 };

struct webhook_delivery {
    struct list node; /* of the receiver's held ones; empty once it was answered */
    struct webhook_receiver *receiver;
    int number; /* the sender's */
    struct mono until;
    char *body; /* lives until the reply */
};

struct webhook_receiver {
    struct webhook_receiver_options options;
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_turn *turn;
    struct list held;
    struct webhook_receiver_counts counts;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static const struct fake_sender *the_sender;
static int open_receivers;
static struct webhook_receiver *the_receiver; /* the last one */

void fake_receiver_setup(const struct fake_sender *sender)
{
    the_sender = sender;
}

/* --- answers --- */

static void answer(struct webhook_delivery *d, int status)
{
    struct webhook_receiver *r = d->receiver;
    list_remove(&d->node);
    r->counts.held--;
    r->counts.accepted += status == 200;
    the_sender->replied(the_sender->ctx, d->number, status);
}

static void forget(struct webhook_delivery *d)
{
    free(d->body);
    free(d);
}

void webhook_delivery_reply(struct webhook_delivery *d, int status)
{
    if (!list_empty(&d->node))
        answer(d, status);
    forget(d);
}

/* --- arrival --- */

static bool deliver_one(struct webhook_receiver *r)
{
    int number;
    const char *body = the_sender->take(the_sender->ctx, &number);
    if (!body)
        return false;
    struct webhook_delivery *d = xcalloc(1, sizeof *d);
    *d = (struct webhook_delivery){.receiver = r,
                                   .number = number,
                                   .until = mono_add(loop_now(r->loop), HOLD_MS),
                                   .body = xstrdup(body)};
    list_push_back(&r->held, &d->node);
    r->counts.delivered++;
    r->counts.held++;
    r->options.delivered(r->options.ctx, d, d->body, strlen(d->body));
    return true;
}

/* Its reply is still due, and goes nowhere then. */
static void answer_overdue(struct webhook_receiver *r)
{
    LIST_EACH_SAFE (node, &r->held) {
        struct webhook_delivery *d = LIST_ENTRY(node, struct webhook_delivery, node);
        if (!mono_reached(loop_now(r->loop), d->until))
            continue;
        r->counts.timed_out++;
        answer(d, 503);
    }
}

static void timer_cb(void *ctx)
{
    struct webhook_receiver *r = ctx;
    if (r->closed) {
        void (*closed)(void *ctx) = r->closed;
        void *closed_ctx = r->closed_ctx;
        loop_timer_close(r->timer);
        free(r);
        closed(closed_ctx);
        return;
    }
    answer_overdue(r);
    if (the_sender->due_ms(the_sender->ctx) <= loop_now(r->loop).ms)
        deliver_one(r);
}

static void turn_cb(void *ctx)
{
    struct webhook_receiver *r = ctx;
    struct mono at = {the_sender->due_ms(the_sender->ctx)};
    struct list *first = list_first(&r->held);
    if (at.ms == INT64_MAX)
        at = MONO_NEVER;
    if (first)
        at = mono_min(at, LIST_ENTRY(first, struct webhook_delivery, node)->until);
    loop_timer_set(r->timer, at);
}

/* --- life --- */

int webhook_receiver_new(struct webhook_receiver **out, struct loop *loop,
                         const struct webhook_receiver_options *options, struct error *e)
{
    if (!the_sender)
        return error_set(e, ERR_USAGE, "nobody sends webhooks here");
    struct webhook_receiver *r = xcalloc(1, sizeof *r);
    r->options = *options;
    r->loop = loop;
    list_init(&r->held);
    r->timer = loop_timer_new(loop, timer_cb, r);
    virtual_loop_socket(r->timer);
    r->turn = loop_on_turn(loop, turn_cb, r);
    *out = the_receiver = r;
    open_receivers++;
    return 0;
}

void fake_receiver_deliver(void)
{
    if (the_receiver)
        deliver_one(the_receiver);
}

bool fake_receiver_is_open(void)
{
    return open_receivers > 0;
}

void webhook_receiver_close(struct webhook_receiver *receiver, int64_t grace_ms,
                            void (*closed)(void *ctx), void *ctx)
{
    (void)grace_ms;
    open_receivers--;
    the_receiver = NULL;
    LIST_EACH_SAFE (node, &receiver->held) {
        struct webhook_delivery *d = LIST_ENTRY(node, struct webhook_delivery, node);
        answer(d, 503);
        forget(d);
    }
    loop_turn_close(receiver->turn);
    if (!closed) {
        loop_timer_close(receiver->timer);
        free(receiver);
        return;
    }
    receiver->closed = closed;
    receiver->closed_ctx = ctx;
    loop_timer_set(receiver->timer, loop_now(receiver->loop));
}

bool webhook_receiver_reload(struct webhook_receiver *receiver)
{
    (void)receiver;
    return true;
}

uint16_t webhook_receiver_port(const struct webhook_receiver *receiver)
{
    (void)receiver;
    return 0;
}

int webhook_receiver_certificate_days(const struct webhook_receiver *receiver)
{
    (void)receiver;
    return INT_MAX;
}

const char *webhook_receiver_certificate(const struct webhook_receiver *receiver, struct wall *ends)
{
    (void)receiver, (void)ends;
    return NULL;
}

void webhook_receiver_counts(const struct webhook_receiver *receiver,
                             struct webhook_receiver_counts *out)
{
    *out = receiver->counts;
}
