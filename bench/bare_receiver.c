/* The receiver of webhooks without what makes it durable: signatures are verified, bodies are not
 * read, and each delivery is answered 200 at once. What a run's receiver takes less than this one
 * is the price of the ledger. Prints its port, serves until SIGTERM. */
#include "base/log.h"
#include "net/loop.h"
#include "webhook/webhook_receiver.h"

#include <signal.h>
#include <stdio.h>

enum { CLOSE_GRACE_MS = 1000 };

struct bare {
    struct webhook_receiver *receiver;
    struct loop_signal *term;
};

static void delivered_cb(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    (void)ctx, (void)body, (void)len;
    webhook_delivery_reply(d, 200);
}

static void term_cb(void *ctx, int signum)
{
    struct bare *b = ctx;
    (void)signum;
    loop_signal_close(b->term);
    webhook_receiver_close(b->receiver, CLOSE_GRACE_MS, NULL, NULL);
}

int main(int argc, char **argv)
{
    struct bare b;
    struct error e;
    if (argc != 2) {
        fprintf(stderr, "usage: bench_bare_receiver SECRET\n");
        return 2;
    }
    const char *secrets[] = {argv[1], NULL};
    struct loop *loop = loop_new(&system_clock);
    struct webhook_receiver_options options = {
        .listen = "127.0.0.1:0", .secrets = secrets, .delivered = delivered_cb, .ctx = &b};
    if (webhook_receiver_new(&b.receiver, loop, &options, &e) < 0) {
        fprintf(stderr, "bench_bare_receiver: %s\n", e.text);
        return 1;
    }
    b.term = loop_signal_new(loop, SIGTERM, term_cb, &b);
    printf("%u\n", (unsigned)webhook_receiver_port(b.receiver));
    fflush(stdout);
    loop_run(loop);
    loop_free(loop);
    return 0;
}
