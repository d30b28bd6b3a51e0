/* See slow_ledger.h. */
#include "slow_ledger.h"

#include "durable.h"
#include "held_turn.h"

static struct {
    struct world *w;
    struct loop *loop;
    struct random random;
    struct loop_timer *timer;
} slow;

static void tell(void)
{
    durable_look(fake_mindee_durable());
    held_turn_tell();
}

static void told_cb(void *ctx)
{
    (void)ctx;
    loop_timer_close(slow.timer);
    slow.timer = NULL;
    tell();
}

static enum held_fate decide(void *ctx, bool *at_once)
{
    const struct sim_slow_ledger *s = &slow.w->scenario->slow_ledger;
    (void)ctx;
    *at_once = false;
    slow.timer = loop_timer_new(slow.loop, told_cb, NULL);
    int64_t wait_ms = random_unit(&slow.random) < 0.3
                          ? 0
                          : (int64_t)(random_unit(&slow.random) * (double)s->most_ms);
    loop_timer_set(slow.timer, mono_add(loop_now(slow.loop), wait_ms));
    if (slow.w->healed)
        return HELD_DURABLE;
    double fate = random_unit(&slow.random);
    return fate < s->refused             ? HELD_REFUSED
           : fate < s->refused + s->lost ? HELD_ANSWER_LOST
                                         : HELD_DURABLE;
}

void slow_ledger_begin(struct world *w, struct loop *loop, uint64_t seed)
{
    if (w->scenario->slow_ledger.most_ms == 0)
        return;
    slow.w = w;
    slow.loop = loop;
    random_init(&slow.random, seed);
    held_turn_use(decide, NULL);
    durable_look(fake_mindee_durable());
}

void slow_ledger_end(void)
{
    held_turn_use(NULL, NULL);
    slow.loop = NULL;
}
