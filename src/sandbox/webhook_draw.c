/* A delivery's fate. Always as many random numbers are drawn for the faults, whatever the rates, so
 * that one rate doesn't change what another one hits. */
#include "sandbox/webhook.h"

#include <math.h>

enum {
    SHUFFLE_MS = 1000,  /* a shuffled delivery comes up to so much later */
    DUPLICATE_MS = 500, /* so soon comes a duplicate after it was delivered */
    DELAY_MAX_MS = 3600000,
};

static bool hits(struct random *random, double rate)
{
    return random_unit(random) < rate;
}

int64_t webhook_draw(struct delivery *d, struct random *random,
                     const struct webhook_options *options, double sigma)
{
    d->lost = hits(random, options->loss_rate);
    d->duplicate = hits(random, options->duplicate_rate);
    bool beside = hits(random, 0.5);
    d->duplicate_ms = (int)random_below(random, DUPLICATE_MS);
    if (beside)
        d->duplicate_ms = -1;
    d->forged = hits(random, options->forged_rate);
    d->forgery = (enum forgery)random_below(random, FORGERIES);
    double delay_ms = (double)options->delay_ms * exp(sigma * random_normal(random));
    int64_t shuffle_ms = (int64_t)random_below(random, SHUFFLE_MS);
    if (delay_ms > DELAY_MAX_MS)
        delay_ms = DELAY_MAX_MS;
    return (int64_t)delay_ms + (options->shuffle ? shuffle_ms : 0);
}
