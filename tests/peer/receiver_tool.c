/* receiver_tool SECRET - the webhook receiver alone, on a free port of loopback: says where, takes
 * what is signed, until SIGTERM. */
#include "webhook/webhook_receiver.h"

#include <signal.h>
#include <stdio.h>

struct tool {
    struct webhook_receiver *receiver;
    struct loop_signal *signal;
};

static void delivered(void *ctx, struct webhook_delivery *d, const char *body, size_t len)
{
    (void)ctx;
    (void)body;
    (void)len;
    webhook_delivery_reply(d, 200);
}

static void stop(void *ctx, int signum)
{
    struct tool *t = ctx;
    (void)signum;
    loop_signal_close(t->signal);
    webhook_receiver_close(t->receiver, 1000, NULL, NULL);
}

int main(int argc, char **argv)
{
    struct tool t;
    struct error e;
    struct loop *loop = loop_new(&system_clock);
    const char *const secrets[] = {argc > 1 ? argv[1] : "", NULL};
    const struct webhook_receiver_options options = {
        .listen = "127.0.0.1:0", .secrets = secrets, .delivered = delivered, .ctx = &t};
    if (webhook_receiver_new(&t.receiver, loop, &options, &e) < 0) {
        fprintf(stderr, "%s\n", e.text);
        return 2;
    }
    t.signal = loop_signal_new(loop, SIGTERM, stop, &t);
    printf("listening on http://127.0.0.1:%u\n", webhook_receiver_port(t.receiver));
    fflush(stdout);
    loop_run(loop);
    loop_free(loop);
    return 0;
}
