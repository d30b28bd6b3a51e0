/* See run_context.h. */
#include "batch/run_context.h"

void run_poke(const struct run_context *c)
{
    if (c->timer)
        loop_timer_set(c->timer, clock_mono(c->clock));
}
