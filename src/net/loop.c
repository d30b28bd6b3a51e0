/* The event loop on libuv. See loop.h.
 *
 * Every handle lives in a struct of ours that also holds its callback; closing one forgets the
 * callback at once and leaves the memory to the close callback, so that nothing is freed while
 * libuv, or the callback being run, may still look at it.
 *
 * The turn hooks hang on an unreferenced prepare handle: libuv runs it after timers and idle
 * handles, right before it computes how long to sleep. What a hook starts is therefore seen by that
 * same sleep. libuv stops without another turn when its last callback leaves nothing alive;
 * loop_run runs the hooks once more then, so that whatever the last callback noted isn't forgotten.
 * A hook closed while hooks run is only forgotten at once; its memory goes when all have run.
 *
 * Timers count on the clock that the loop was given, which may be another than libuv's (it goes on
 * while the machine sleeps, or is a test's): a timer that fires before its deadline on that clock
 * is armed again. None is armed for less than a millisecond ahead: libuv 1.44 runs a timer that
 * arms itself for "now" over and over without ever reaching the sockets.
 *
 * Being held up shows as two looks at the clock that are further apart than they can be otherwise.
 * A pause of the whole process, its sockets too, can't be seen in any other way: a stopped process
 * is told of it (SIGCONT), a frozen container or a machine that slept is not. After it libuv runs
 * timers first if its own wait was cut short; so whoever has timeouts asks loop_was_held_up. */
#include "net/loop.h"
#include "base/list.h"
#include "net/work_pool.h"

#include <stdlib.h>
#include <uv.h>

enum {
    BEAT_MS = 250,   /* between two looks at the clock */
    STALL_MS = 1000, /* that were so far apart: it was held up */
    LISTEN_MS = 500, /* so long the sockets are read then, before a timeout counts */
};

struct loop {
    uv_loop_t own; /* unused when adopted */
    uv_loop_t *uv;
    bool adopted;
    const struct clock *clock;
    struct work_pool *works;
    uv_prepare_t *prepare; /* NULL: no hook; freed by its close callback */
    struct list turns;     /* struct loop_turn */
    bool turning;          /* hooks are being run */
    int watchers;          /* of stalls */
    uv_timer_t *beat;      /* NULL: nobody watches; freed by its close callback */
    struct mono seen_at;   /* the last look at the clock */
    struct mono listen_until;
    int64_t lost_ms;               /* for which it was held up */
    struct histogram *busy;        /* NULL: nobody measures */
    struct loop_turn *measure;     /* while somebody does */
    uint64_t measured_ns, idle_ns; /* at the end of the last turn */
};

struct loop_turn {
    struct list node;
    struct loop *loop;
    void (*cb)(void *ctx); /* NULL: closed while hooks run */
    void *ctx;
};

struct loop_timer {
    uv_timer_t handle;
    struct loop *loop;
    struct mono at;
    void (*cb)(void *ctx);
    void *ctx;
};

struct loop_signal {
    uv_signal_t handle;
    void (*cb)(void *ctx, int signum);
    void *ctx;
};

struct loop_watch {
    uv_poll_t handle;
    void (*cb)(void *ctx);
    void *ctx;
};

static struct loop *make(uv_loop_t *uv, const struct clock *clock)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    loop->clock = clock;
    loop->adopted = uv != NULL;
    loop->uv = uv ? uv : &loop->own;
    list_init(&loop->turns);
    loop->listen_until = (struct mono){INT64_MIN};
    if (!uv)
        REQUIRE(uv_loop_init(&loop->own) == 0);
    loop->works = work_pool_new(loop->uv);
    return loop;
}

struct loop *loop_new(const struct clock *clock)
{
    return make(NULL, clock);
}

struct loop *loop_adopt(struct uv_loop_s *uv, const struct clock *clock)
{
    REQUIRE(uv != NULL);
    return make(uv, clock);
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return loop->uv;
}

const struct clock *loop_clock(const struct loop *loop)
{
    return loop->clock;
}

struct mono loop_now(const struct loop *loop)
{
    return clock_mono(loop->clock);
}

static void run_turns(struct loop *loop);

void loop_run(struct loop *loop)
{
    do {
        uv_run(loop->uv, UV_RUN_DEFAULT);
        run_turns(loop);
    } while (uv_loop_alive(loop->uv));
}

void loop_free(struct loop *loop)
{
    REQUIRE(list_empty(&loop->turns) && loop->watchers == 0);
    work_pool_free(loop->works);
    if (!loop->adopted) {
        uv_run(loop->uv, UV_RUN_DEFAULT); /* closes under way */
        REQUIRE(uv_loop_close(loop->uv) == 0);
    }
    free(loop);
}

/* ---- the end of a turn ---- */

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static void forget_turn(struct loop_turn *t)
{
    struct loop *loop = t->loop;
    list_remove(&t->node);
    free(t);
    if (list_empty(&loop->turns)) {
        loop->prepare->data = loop->prepare;
        uv_close((uv_handle_t *)loop->prepare, free_handle);
        loop->prepare = NULL;
    }
}

static void run_turns(struct loop *loop)
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
}

static void on_prepare(uv_prepare_t *handle)
{
    run_turns(handle->data);
}

struct loop_turn *loop_on_turn(struct loop *loop, void (*cb)(void *ctx), void *ctx)
{
    struct loop_turn *t = xcalloc(1, sizeof *t);
    t->loop = loop;
    t->cb = cb;
    t->ctx = ctx;
    list_push_back(&loop->turns, &t->node);
    if (!loop->prepare) {
        loop->prepare = xcalloc(1, sizeof *loop->prepare);
        REQUIRE(uv_prepare_init(loop->uv, loop->prepare) == 0);
        loop->prepare->data = loop;
        REQUIRE(uv_prepare_start(loop->prepare, on_prepare) == 0);
        uv_unref((uv_handle_t *)loop->prepare);
    }
    return t;
}

void loop_turn_close(struct loop_turn *t)
{
    t->cb = NULL;
    if (!t->loop->turning)
        forget_turn(t);
}

/* ---- how busy it is ---- */

/* The library counts how long it waited for something to come. */
static void measure_cb(void *ctx)
{
    struct loop *loop = ctx;
    uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(loop->uv);
    uint64_t waited = idle - loop->idle_ns, passed = now - loop->measured_ns;
    histogram_add(loop->busy, &histogram_of_moments,
                  (int64_t)(passed > waited ? passed - waited : 0) / 1000);
    loop->measured_ns = now;
    loop->idle_ns = idle;
}

void loop_measure(struct loop *loop, struct histogram *h)
{
    if (loop->measure) {
        loop_turn_close(loop->measure);
        loop->measure = NULL;
    }
    loop->busy = h;
    if (!h || uv_loop_configure(loop->uv, UV_METRICS_IDLE_TIME) != 0)
        return;
    loop->measured_ns = uv_hrtime();
    loop->idle_ns = uv_metrics_idle_time(loop->uv);
    loop->measure = loop_on_turn(loop, measure_cb, loop);
}

/* ---- being held up ---- */

static struct mono look_at_clock(struct loop *loop)
{
    struct mono now = loop_now(loop);
    int64_t gap_ms = mono_diff(now, loop->seen_at);
    if (loop->watchers > 0 && gap_ms >= STALL_MS) {
        loop->lost_ms += gap_ms - BEAT_MS;
        loop->listen_until = mono_add(now, LISTEN_MS);
    }
    loop->seen_at = now;
    return now;
}

static void on_beat(uv_timer_t *handle)
{
    look_at_clock(handle->data);
}

static void free_beat(uv_handle_t *handle)
{
    free(handle);
}

void loop_watch_stalls(struct loop *loop, bool on)
{
    loop->watchers += on ? 1 : -1;
    REQUIRE(loop->watchers >= 0);
    if (on && loop->watchers == 1) {
        loop->seen_at = loop_now(loop);
        loop->beat = xcalloc(1, sizeof *loop->beat);
        loop->beat->data = loop;
        REQUIRE(uv_timer_init(loop->uv, loop->beat) == 0);
        REQUIRE(uv_timer_start(loop->beat, on_beat, BEAT_MS, BEAT_MS) == 0);
        uv_unref((uv_handle_t *)loop->beat);
    } else if (!on && loop->watchers == 0) {
        uv_close((uv_handle_t *)loop->beat, free_beat);
        loop->beat = NULL;
    }
}

bool loop_was_held_up(struct loop *loop, struct mono *until)
{
    struct mono now = look_at_clock(loop);
    *until = loop->listen_until;
    return !mono_reached(now, loop->listen_until);
}

struct mono loop_awake(struct loop *loop)
{
    return mono_add(look_at_clock(loop), -loop->lost_ms);
}

/* ---- timers ---- */

static void arm(struct loop_timer *t);

static void on_timer(uv_timer_t *handle)
{
    struct loop_timer *t = handle->data;
    if (!mono_reached(loop_now(t->loop), t->at)) {
        arm(t);
        return;
    }
    t->at = MONO_NEVER;
    t->cb(t->ctx);
}

/* libuv counts from the time that it read when the turn began, which may be a while ago. */
static void arm(struct loop_timer *t)
{
    int64_t ahead = mono_diff(t->at, loop_now(t->loop));
    uint64_t delay = ahead > 0 ? (uint64_t)ahead + 1 : 1;
    if (ahead > 0) {
        uint64_t real = uv_hrtime() / 1000000, turn = uv_now(t->loop->uv);
        delay += real > turn ? real - turn : 0;
    }
    REQUIRE(uv_timer_start(&t->handle, on_timer, delay, 0) == 0);
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*cb)(void *ctx), void *ctx)
{
    struct loop_timer *t = xcalloc(1, sizeof *t);
    t->loop = loop;
    t->at = MONO_NEVER;
    t->cb = cb;
    t->ctx = ctx;
    REQUIRE(uv_timer_init(loop->uv, &t->handle) == 0);
    t->handle.data = t;
    return t;
}

void loop_timer_set(struct loop_timer *t, struct mono at)
{
    t->at = at;
    if (at.ms == MONO_NEVER.ms)
        uv_timer_stop(&t->handle);
    else
        arm(t);
}

void loop_timer_close(struct loop_timer *t)
{
    uv_close((uv_handle_t *)&t->handle, free_handle);
}

/* ---- signals ---- */

static void on_signal(uv_signal_t *handle, int signum)
{
    struct loop_signal *s = handle->data;
    s->cb(s->ctx, signum);
}

struct loop_signal *loop_signal_new(struct loop *loop, int signum,
                                    void (*cb)(void *ctx, int signum), void *ctx)
{
    struct loop_signal *s = xcalloc(1, sizeof *s);
    s->cb = cb;
    s->ctx = ctx;
    REQUIRE(uv_signal_init(loop->uv, &s->handle) == 0);
    s->handle.data = s;
    REQUIRE(uv_signal_start(&s->handle, on_signal, signum) == 0);
    uv_unref((uv_handle_t *)&s->handle);
    return s;
}

void loop_signal_close(struct loop_signal *s)
{
    uv_close((uv_handle_t *)&s->handle, free_handle);
}

/* ---- descriptors ---- */

/* libuv stops a handle whose descriptor has an error pending; the owner meets that error when it
 * reads, so the watch goes on until the owner ends it. */
static void on_readable(uv_poll_t *handle, int status, int events)
{
    struct loop_watch *w = handle->data;
    (void)events;
    w->cb(w->ctx);
    if (status < 0 && !uv_is_closing((uv_handle_t *)handle))
        REQUIRE(uv_poll_start(handle, UV_READABLE, on_readable) == 0);
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, void (*cb)(void *ctx), void *ctx)
{
    struct loop_watch *w = xcalloc(1, sizeof *w);
    w->cb = cb;
    w->ctx = ctx;
    REQUIRE(uv_poll_init(loop->uv, &w->handle, fd) == 0);
    w->handle.data = w;
    REQUIRE(uv_poll_start(&w->handle, UV_READABLE, on_readable) == 0);
    return w;
}

void loop_watch_close(struct loop_watch *w)
{
    uv_close((uv_handle_t *)&w->handle, free_handle);
}

/* ---- the thread pool ---- */

void loop_work(struct loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    work_pool_add(loop->works, work, done, ctx);
}
