/* Webhooks are not simulated: nothing listens in virtual time,
 * and no run of the simulator asks for it. */
#include "webhook/webhook_receiver.h"

#include <limits.h>
#include <string.h>

int webhook_receiver_new(struct webhook_receiver **out, struct loop *loop,
                         const struct webhook_receiver_options *options, struct error *e)
{
    (void)out;
    (void)loop;
    (void)options;
    return error_set(e, ERR_USAGE, "the simulator takes no webhooks");
}

void webhook_delivery_reply(struct webhook_delivery *d, int status)
{
    (void)d;
    (void)status;
}

void webhook_receiver_close(struct webhook_receiver *receiver, int64_t grace_ms,
                            void (*closed)(void *ctx), void *ctx)
{
    (void)receiver;
    (void)grace_ms;
    if (closed)
        closed(ctx);
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

void webhook_receiver_counts(const struct webhook_receiver *receiver,
                             struct webhook_receiver_counts *out)
{
    (void)receiver;
    memset(out, 0, sizeof *out);
}
