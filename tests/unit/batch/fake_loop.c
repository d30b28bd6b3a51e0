/* See fake_loop.h. Signals never come, and no descriptor becomes readable. */
#include "fake_loop.h"

#include "base/list.h"
#include "base/require.h"

#include <stdlib.h>

struct loop {
    const struct clock *clock;
    struct list turns, timers, works;
    size_t work_count;
    int stall_watchers;
    bool held_up;
};

/* One of these is a hook, a timer, or work. */
struct hook {
    struct list node;
    struct loop *loop;
    void (*cb)(void *ctx);
    void (*done)(void *ctx); /* of work */
    void *ctx;
    struct mono at; /* of a timer */
};

struct loop_turn {
    struct hook hook;
};

struct loop_timer {
    struct hook hook;
};

static struct hook *hook_new(struct loop *loop, struct list *list, void (*cb)(void *ctx), void *ctx)
{
    struct hook *h = xcalloc(1, sizeof *h);
    *h = (struct hook){.loop = loop, .cb = cb, .ctx = ctx, .at = MONO_NEVER};
    list_push_back(list, &h->node);
    return h;
}

static void hook_free(struct hook *h)
{
    list_remove(&h->node);
    free(h);
}

static struct hook *hook_of(struct list *node)
{
    return LIST_ENTRY(node, struct hook, node);
}

struct loop *fake_loop_new(const struct clock *clock)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    loop->clock = clock;
    list_init(&loop->turns);
    list_init(&loop->timers);
    list_init(&loop->works);
    return loop;
}

struct loop *loop_new(const struct clock *clock)
{
    return fake_loop_new(clock);
}

struct loop *loop_adopt(struct uv_loop_s *uv, const struct clock *clock)
{
    (void)clock;
    return (struct loop *)(void *)uv;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return (struct uv_loop_s *)(void *)loop;
}

const struct clock *loop_clock(const struct loop *loop)
{
    return loop->clock;
}

struct mono loop_now(const struct loop *loop)
{
    return clock_mono(loop->clock);
}

void loop_watch_stalls(struct loop *loop, bool on)
{
    loop->stall_watchers += on ? 1 : -1;
}

int fake_loop_stall_watchers(const struct loop *loop)
{
    return loop->stall_watchers;
}

void fake_loop_hold_up(struct loop *loop, bool held_up)
{
    loop->held_up = held_up;
}

bool loop_was_held_up(struct loop *loop, struct mono *until)
{
    *until = loop_now(loop);
    return loop->held_up;
}

struct mono loop_awake(struct loop *loop)
{
    return loop_now(loop);
}

void loop_run(struct loop *loop)
{
    fake_loop_turn(loop);
}

void loop_free(struct loop *loop)
{
    REQUIRE(list_empty(&loop->turns) && list_empty(&loop->timers) && list_empty(&loop->works));
    free(loop);
}

/* --- turns and timers --- */

struct loop_turn *loop_on_turn(struct loop *loop, void (*cb)(void *ctx), void *ctx)
{
    return (struct loop_turn *)hook_new(loop, &loop->turns, cb, ctx);
}

void loop_turn_close(struct loop_turn *t)
{
    hook_free(&t->hook);
}

void fake_loop_turn(struct loop *loop)
{
    LIST_EACH_SAFE (node, &loop->turns)
        hook_of(node)->cb(hook_of(node)->ctx);
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*cb)(void *ctx), void *ctx)
{
    return (struct loop_timer *)hook_new(loop, &loop->timers, cb, ctx);
}

void loop_timer_set(struct loop_timer *t, struct mono at)
{
    t->hook.at = at;
}

void loop_timer_close(struct loop_timer *t)
{
    hook_free(&t->hook);
}

struct mono fake_loop_timer_at(const struct loop_timer *t)
{
    return t->hook.at;
}

void fake_loop_timers(struct loop *loop)
{
    LIST_EACH_SAFE (node, &loop->timers) {
        struct hook *h = hook_of(node);
        if (!mono_reached(loop_now(loop), h->at))
            continue;
        h->at = MONO_NEVER;
        h->cb(h->ctx);
    }
}

/* --- work --- */

void loop_work(struct loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    hook_new(loop, &loop->works, work, ctx)->done = done;
    loop->work_count++;
}

size_t fake_loop_works(const struct loop *loop)
{
    return loop->work_count;
}

void fake_loop_work(struct loop *loop)
{
    REQUIRE(!list_empty(&loop->works));
    struct hook *first = hook_of(list_first(&loop->works));
    const struct hook h = *first;
    hook_free(first);
    loop->work_count--;
    h.cb(h.ctx);
    h.done(h.ctx);
}

void fake_loop_work_all(struct loop *loop)
{
    while (loop->work_count > 0)
        fake_loop_work(loop);
}

/* --- what no part of a run uses --- */

struct loop_signal *loop_signal_new(struct loop *loop, int signum,
                                    void (*cb)(void *ctx, int signum), void *ctx)
{
    (void)loop, (void)signum, (void)cb, (void)ctx;
    return NULL;
}

void loop_signal_close(struct loop_signal *s)
{
    (void)s;
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, void (*cb)(void *ctx), void *ctx)
{
    (void)loop, (void)fd, (void)cb, (void)ctx;
    return NULL;
}

void loop_watch_close(struct loop_watch *w)
{
    (void)w;
}
