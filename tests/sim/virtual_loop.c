/* See virtual_loop.h. One array of events: armed timers and work items. A work item's function
 * runs when it is delivered, right before its end is reported, so that all that files do happens in
 * one thread at a moment that the seed chose. Now and then the loop stalls for a while, as a busy
 * machine does, and finds several timers due at once. */
#include "virtual_loop.h"

#include "base/list.h"
#include "base/random.h"
#include "net/directory_watch.h"

#include <stdlib.h>

enum { WORK_MOST_MS = 4, STALL_MOST_MS = 250, STALL_ONE_IN = 64 };
enum { TOLD_LATE_ONE_IN = 4, TOLD_MOST_MS = 40 };
enum { HELD_UP_MS = 1000, LISTEN_MS = 500 }; /* as the real loop: late by so much, and then */

struct loop_timer {
    struct loop *loop;
    struct mono at;
    void (*cb)(void *ctx);
    void *ctx;
    size_t index; /* in loop->timers */
    bool socket;
};

struct work {
    struct mono at;
    void (*work)(void *ctx); /* NULL: it is done, and not told yet */
    void (*done)(void *ctx);
    void *ctx;
};

struct loop_turn {
    struct list node;
    struct loop *loop;
    void (*cb)(void *ctx); /* NULL: closed while hooks run */
    void *ctx;
};

struct loop {
    const struct virtual_clock *clock;
    struct virtual_hooks hooks;
    struct random random;
    struct list turns; /* struct loop_turn */
    bool turning;
    struct loop_timer **timers;
    size_t timer_count, timer_room;
    struct work *works;
    size_t work_count, work_room;
    struct mono held_up_at; /* it was late then */
    struct mono listen_until;
};

/* --- the clock --- */

static struct mono virtual_mono(const struct clock *c)
{
    return (struct mono){*((const struct virtual_clock *)c)->mono_ms};
}

static struct wall virtual_wall(const struct clock *c)
{
    const int64_t *shift = ((const struct virtual_clock *)c)->wall_shift_ms;
    return (struct wall){VIRTUAL_WALL_START_S * 1000 + virtual_mono(c).ms - VIRTUAL_MONO_START_MS +
                         (shift ? *shift : 0)};
}

void virtual_clock_init(struct virtual_clock *c, int64_t *mono_ms)
{
    c->clock = (struct clock){virtual_mono, virtual_wall};
    c->mono_ms = mono_ms;
    c->wall_shift_ms = NULL;
}

/* --- the loop --- */

struct loop *virtual_loop_new(const struct virtual_clock *clock, uint64_t seed,
                              const struct virtual_hooks *hooks)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    loop->clock = clock;
    loop->hooks = *hooks;
    list_init(&loop->turns);
    random_init(&loop->random, seed);
    return loop;
}

struct loop *virtual_loop_of(struct uv_loop_s *uv)
{
    return (struct loop *)(void *)uv;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return (struct uv_loop_s *)(void *)loop;
}

const struct clock *loop_clock(const struct loop *loop)
{
    return &loop->clock->clock;
}

struct mono loop_now(const struct loop *loop)
{
    return clock_mono(loop_clock(loop));
}

void loop_watch_stalls(struct loop *loop, bool on)
{
    (void)loop, (void)on;
}

bool loop_was_held_up(struct loop *loop, struct mono *until)
{
    *until = loop->listen_until;
    return !mono_reached(loop_now(loop), loop->listen_until);
}

struct mono loop_awake(struct loop *loop)
{
    return loop_now(loop);
}

struct loop_turn *loop_on_turn(struct loop *loop, void (*cb)(void *ctx), void *ctx)
{
    struct loop_turn *t = xcalloc(1, sizeof *t);
    t->loop = loop;
    t->cb = cb;
    t->ctx = ctx;
    list_push_back(&loop->turns, &t->node);
    return t;
}

static void forget_turn(struct loop_turn *t)
{
    list_remove(&t->node);
    free(t);
}

void loop_turn_close(struct loop_turn *t)
{
    t->cb = NULL;
    if (!t->loop->turning)
        forget_turn(t);
}

void loop_free(struct loop *loop)
{
    REQUIRE(list_empty(&loop->turns) && loop->timer_count == 0 && loop->work_count == 0);
    free(loop->timers);
    free(loop->works);
    free(loop);
}

/* When event I comes. A socket that waited while the process was held up: after all timers. */
static struct mono event_at(const struct loop *loop, size_t i)
{
    if (i >= loop->timer_count)
        return loop->works[i - loop->timer_count].at;
    const struct loop_timer *t = loop->timers[i];
    return t->socket ? mono_max(t->at, loop->held_up_at) : t->at;
}

/* The earliest time at which something happens; *COUNT: how much of it. */
static struct mono next_at(const struct loop *loop, size_t *count)
{
    struct mono at = MONO_NEVER;
    *count = 0;
    for (size_t i = 0; i < loop->timer_count + loop->work_count; i++) {
        struct mono t = event_at(loop, i);
        if (t.ms == MONO_NEVER.ms || t.ms > at.ms)
            continue;
        *count = t.ms == at.ms ? *count + 1 : 1;
        at = t;
    }
    return at;
}

static void add_work(struct loop *loop, const struct work *w)
{
    if (loop->work_count == loop->work_room) {
        loop->work_room = loop->work_room ? 2 * loop->work_room : 64;
        loop->works = realloc(loop->works, loop->work_room * sizeof *loop->works);
        REQUIRE(loop->works != NULL);
    }
    loop->works[loop->work_count++] = *w;
}

/* Now and then it is told a while after it was done, as by a pool that others use, too. */
static void deliver_work(struct loop *loop, size_t i)
{
    struct work w = loop->works[i];
    loop->works[i] = loop->works[--loop->work_count];
    if (w.work)
        w.work(w.ctx);
    if (w.work && random_below(&loop->random, TOLD_LATE_ONE_IN) == 0) {
        w.work = NULL;
        w.at = mono_add(loop_now(loop), (int64_t)random_below(&loop->random, TOLD_MOST_MS));
        add_work(loop, &w);
    } else {
        w.done(w.ctx);
    }
}

/* One of the COUNT things that happen at AT. */
static void deliver(struct loop *loop, struct mono at, size_t count)
{
    size_t chosen = (size_t)random_below(&loop->random, count);
    for (size_t i = 0; i < loop->timer_count + loop->work_count; i++) {
        bool timer = i < loop->timer_count;
        if (event_at(loop, i).ms != at.ms || chosen-- > 0)
            continue;
        if (!timer) {
            deliver_work(loop, i - loop->timer_count);
        } else {
            struct loop_timer *fired = loop->timers[i];
            fired->at = MONO_NEVER;
            fired->cb(fired->ctx);
        }
        return;
    }
}

static void turn(struct loop *loop)
{
    loop->turning = true;
    LIST_EACH (n, &loop->turns) {
        struct loop_turn *t = LIST_ENTRY(n, struct loop_turn, node);
        if (t->cb)
            t->cb(t->ctx);
    }
    loop->turning = false;
    LIST_EACH_SAFE (n, &loop->turns) {
        struct loop_turn *t = LIST_ENTRY(n, struct loop_turn, node);
        if (!t->cb)
            forget_turn(t);
    }
    if (loop->hooks.after_turn)
        loop->hooks.after_turn(loop->hooks.ctx);
}

bool virtual_loop_step(struct loop *loop)
{
    size_t count;
    int64_t *now = loop->clock->mono_ms;
    struct mono at = next_at(loop, &count);
    if (at.ms == MONO_NEVER.ms)
        return false;
    if (loop->hooks.before_time)
        loop->hooks.before_time(loop->hooks.ctx, at);
    if (at.ms > *now)
        *now = at.ms;
    if (random_below(&loop->random, STALL_ONE_IN) == 0)
        *now += (int64_t)random_below(&loop->random, STALL_MOST_MS);
    if (loop->hooks.before_step)
        loop->hooks.before_step(loop->hooks.ctx);
    if (*now - at.ms >= HELD_UP_MS) {
        loop->held_up_at = (struct mono){*now};
        loop->listen_until = mono_add(loop->held_up_at, LISTEN_MS);
        at = next_at(loop, &count);
    }
    do {
        deliver(loop, at, count);
        at = next_at(loop, &count);
    } while (at.ms <= *now && random_below(&loop->random, 3) != 0);
    turn(loop);
    return true;
}

void virtual_loop_turn(struct loop *loop, int64_t ms)
{
    size_t count;
    struct mono until = mono_add(loop_now(loop), ms);
    turn(loop);
    while (mono_reached(until, next_at(loop, &count)))
        virtual_loop_step(loop);
}

void loop_run(struct loop *loop)
{
    turn(loop);
    while (virtual_loop_step(loop))
        ;
}

/* --- timers --- */

struct loop_timer *loop_timer_new(struct loop *loop, void (*cb)(void *ctx), void *ctx)
{
    struct loop_timer *t = xcalloc(1, sizeof *t);
    *t = (struct loop_timer){
        .loop = loop, .at = MONO_NEVER, .cb = cb, .ctx = ctx, .index = loop->timer_count};
    if (loop->timer_count == loop->timer_room) {
        loop->timer_room = loop->timer_room ? 2 * loop->timer_room : 64;
        loop->timers = realloc(loop->timers, loop->timer_room * sizeof(struct loop_timer *));
        REQUIRE(loop->timers != NULL);
    }
    loop->timers[loop->timer_count++] = t;
    return t;
}

/* As in the real loop, none fires sooner than a millisecond ahead. */
void loop_timer_set(struct loop_timer *t, struct mono at)
{
    t->at = at.ms == MONO_NEVER.ms ? at : mono_max(at, mono_add(loop_now(t->loop), 1));
}

void virtual_loop_socket(struct loop_timer *t)
{
    t->socket = true;
}

void loop_timer_close(struct loop_timer *t)
{
    struct loop *loop = t->loop;
    struct loop_timer *last = loop->timers[--loop->timer_count];
    loop->timers[t->index] = last;
    last->index = t->index;
    free(t);
}

/* --- the rest --- */

void loop_work(struct loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    int64_t takes_ms = (int64_t)random_below(&loop->random, WORK_MOST_MS + 1);
    const struct work w = {mono_add(loop_now(loop), takes_ms), work, done, ctx};
    add_work(loop, &w);
}

/* Directories change unwatched, as on a network file system. */
struct directory_watch *directory_watch_new(struct loop *loop, const char *path,
                                            void (*cb)(void *ctx), void *ctx, struct error *e)
{
    (void)loop, (void)path, (void)cb, (void)ctx;
    error_set(e, ERR_USAGE, "no directory is watched in a simulation");
    return NULL;
}

void directory_watch_close(struct directory_watch *w)
{
    (void)w;
}

/* Signals never come; nothing else watches a descriptor here. */
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
    require_failed("no descriptor is watched in a simulation", __FILE__, __LINE__);
}

void loop_watch_close(struct loop_watch *w)
{
    (void)w;
}

struct loop *loop_new(const struct clock *clock)
{
    (void)clock;
    require_failed("a simulation makes its loops itself", __FILE__, __LINE__);
}

struct loop *loop_adopt(struct uv_loop_s *uv, const struct clock *clock)
{
    (void)clock;
    return virtual_loop_of(uv);
}
