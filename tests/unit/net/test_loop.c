/* The loop: the order of a turn, timers against the clock given, signals, watches, work, and that
 * closing from within callbacks is clean. */
#include "base/buffer.h"
#include "net/loop.h"
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

/* ---- timers and the turn hook ---- */

struct order {
    struct loop *loop;
    struct loop_timer *a, *b;
    struct loop_turn *turn; /* NULL: none */
    struct buffer log;
    int turns;
};

static void on_a(void *ctx)
{
    struct order *o = ctx;
    buffer_put(&o->log, "a");
}

static void on_b(void *ctx)
{
    struct order *o = ctx;
    buffer_put(&o->log, "b");
}

static void on_turn(void *ctx)
{
    struct order *o = ctx;
    o->turns++;
    if (o->log.len > 0 && o->log.data[o->log.len - 1] != '|')
        buffer_put(&o->log, "|");
}

static void order_start(struct order *o)
{
    *o = (struct order){.loop = loop_new(&system_clock)};
    buffer_init(&o->log, 0);
    o->a = loop_timer_new(o->loop, on_a, o);
    o->b = loop_timer_new(o->loop, on_b, o);
}

static void order_end(struct order *o)
{
    loop_timer_close(o->a);
    loop_timer_close(o->b);
    if (o->turn)
        loop_turn_close(o->turn);
    loop_free(o->loop);
    buffer_release(&o->log);
}

static void turn_hook_runs_after_all_callbacks(void **state)
{
    struct order o;
    (void)state;
    order_start(&o);
    o.turn = loop_on_turn(o.loop, on_turn, &o);
    struct mono past = {loop_now(o.loop).ms - 5};
    loop_timer_set(o.a, past);
    loop_timer_set(o.b, past);
    loop_run(o.loop);
    assert_string_equal(buffer_text(&o.log), "ab|");
    order_end(&o);
}

/* Work's done callback is the loop's last; what it notes still gets its turn. */
static void nothing(void *ctx)
{
    (void)ctx;
}

static void turn_hook_runs_after_the_last_callback(void **state)
{
    struct order o;
    (void)state;
    order_start(&o);
    o.turn = loop_on_turn(o.loop, on_turn, &o);
    loop_work(o.loop, nothing, on_b, &o);
    loop_run(o.loop);
    assert_string_equal(buffer_text(&o.log), "b|");
    order_end(&o);
}

static void turn_hook_alone_keeps_nothing_alive(void **state)
{
    struct order o;
    (void)state;
    order_start(&o);
    o.turn = loop_on_turn(o.loop, on_turn, &o);
    loop_run(o.loop);
    assert_int_equal(o.turns, 1);
    order_end(&o);
}

static void stopped_timer_stays_silent(void **state)
{
    struct order o;
    (void)state;
    order_start(&o);
    loop_timer_set(o.a, loop_now(o.loop));
    loop_timer_set(o.b, loop_now(o.loop));
    loop_timer_set(o.a, MONO_NEVER);
    loop_run(o.loop);
    assert_string_equal(buffer_text(&o.log), "b");
    loop_timer_set(o.a, MONO_NEVER);
    loop_run(o.loop);
    assert_string_equal(buffer_text(&o.log), "b");
    order_end(&o);
}

/* A clock that stands still, then jumps: the timer waits for it, whatever real time does. */
struct slow_clock {
    struct clock clock;
    int reads;
};

static struct mono slow_mono(const struct clock *c)
{
    struct slow_clock *slow = (struct slow_clock *)(uintptr_t)c;
    return (struct mono){++slow->reads < 10 ? 1000 : 2000};
}

struct early {
    struct loop *loop;
    int64_t fired_at;
};

static void on_deadline(void *ctx)
{
    struct early *e = ctx;
    e->fired_at = loop_now(e->loop).ms;
}

static void timer_never_fires_early_by_its_clock(void **state)
{
    struct slow_clock slow = {.clock = {.mono_now = slow_mono}};
    struct early e = {.loop = loop_new(&slow.clock)};
    (void)state;
    struct loop_timer *t = loop_timer_new(e.loop, on_deadline, &e);
    loop_timer_set(t, (struct mono){1003});
    loop_run(e.loop);
    assert_true(slow.reads >= 10);
    assert_int_equal(e.fired_at, 2000);
    loop_timer_close(t);
    loop_free(e.loop);
}

/* A timer that always sets itself to the past mustn't keep the loop from its sockets. */
struct busy {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_watch *watch;
    int fds[2];
    int64_t fired;
};

static void on_busy(void *ctx)
{
    struct busy *b = ctx;
    b->fired++;
    loop_timer_set(b->timer, (struct mono){0});
}

static void on_pipe(void *ctx)
{
    struct busy *b = ctx;
    char c;
    assert_int_equal(read(b->fds[0], &c, 1), 1);
    loop_watch_close(b->watch);
    loop_timer_close(b->timer);
}

static void busy_timer_leaves_room_for_sockets(void **state)
{
    struct busy b = {.loop = loop_new(&system_clock)};
    (void)state;
    assert_int_equal(pipe(b.fds), 0);
    assert_int_equal(write(b.fds[1], "x", 1), 1);
    b.watch = loop_watch_new(b.loop, b.fds[0], on_pipe, &b);
    b.timer = loop_timer_new(b.loop, on_busy, &b);
    loop_timer_set(b.timer, (struct mono){0});
    loop_run(b.loop);
    loop_free(b.loop);
    close(b.fds[0]);
    close(b.fds[1]);
}

/* ---- watches ---- */

static void on_end_of_pipe(void *ctx)
{
    struct busy *b = ctx;
    char c;
    b->fired++;
    assert_int_equal(read(b->fds[0], &c, 1), 0);
    loop_watch_close(b->watch);
}

static void watch_sees_the_end_of_a_pipe(void **state)
{
    struct busy b = {.loop = loop_new(&system_clock)};
    (void)state;
    assert_int_equal(pipe(b.fds), 0);
    b.watch = loop_watch_new(b.loop, b.fds[0], on_end_of_pipe, &b);
    close(b.fds[1]);
    loop_run(b.loop);
    assert_int_equal(b.fired, 1);
    loop_free(b.loop);
    close(b.fds[0]);
}

/* ---- signals ---- */

struct signalled {
    struct loop_signal *signal;
    struct loop_timer *alive;
    int signum;
};

static void on_usr1(void *ctx, int signum)
{
    struct signalled *s = ctx;
    s->signum = signum;
    loop_signal_close(s->signal);
    loop_timer_close(s->alive);
}

static void signal_arrives_and_keeps_nothing_alive(void **state)
{
    struct loop *loop = loop_new(&system_clock);
    struct signalled s = {0};
    (void)state;
    s.signal = loop_signal_new(loop, SIGUSR1, on_usr1, &s);
    loop_run(loop); /* returns */
    s.alive = loop_timer_new(loop, nothing, NULL);
    loop_timer_set(s.alive, mono_add(loop_now(loop), 3600 * 1000));
    raise(SIGUSR1);
    loop_run(loop);
    assert_int_equal(s.signum, SIGUSR1);
    loop_free(loop);
}

/* ---- work ---- */

struct job {
    struct loop *loop;
    pthread_t worked_on, done_on;
    int left;
};

static void work(void *ctx)
{
    struct job *j = ctx;
    j->worked_on = pthread_self();
}

static void work_done(void *ctx)
{
    struct job *j = ctx;
    j->done_on = pthread_self();
    if (--j->left > 0)
        loop_work(j->loop, work, work_done, j);
}

static void work_runs_elsewhere_and_reports_here(void **state)
{
    struct job j = {.loop = loop_new(&system_clock), .left = 5};
    (void)state;
    loop_work(j.loop, work, work_done, &j);
    loop_run(j.loop);
    assert_int_equal(j.left, 0);
    assert_false(pthread_equal(j.worked_on, pthread_self()));
    assert_true(pthread_equal(j.done_on, pthread_self()));
    loop_free(j.loop);
}

/* ---- somebody else's loop ---- */

static void adopted_loop_stays_its_owners(void **state)
{
    uv_loop_t uv;
    struct order o = {0};
    (void)state;
    assert_int_equal(uv_loop_init(&uv), 0);
    o.loop = loop_adopt(&uv, &system_clock);
    assert_ptr_equal(loop_uv(o.loop), &uv);
    buffer_init(&o.log, 0);
    o.a = loop_timer_new(o.loop, on_a, &o);
    o.turn = loop_on_turn(o.loop, on_turn, &o);
    loop_timer_set(o.a, loop_now(o.loop));
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_string_equal(buffer_text(&o.log), "a|");
    loop_timer_close(o.a);
    loop_turn_close(o.turn);
    uv_run(&uv, UV_RUN_DEFAULT);
    loop_free(o.loop);
    assert_int_equal(uv_loop_close(&uv), 0);
    buffer_release(&o.log);
}

/* The hook may take itself away, and close what it likes. */
static void closing_turn(void *ctx)
{
    struct order *o = ctx;
    o->turns++;
    loop_turn_close(o->turn);
    loop_timer_close(o->a);
    loop_timer_close(o->b);
}

static void hook_may_close_everything(void **state)
{
    struct order o;
    (void)state;
    order_start(&o);
    o.turn = loop_on_turn(o.loop, closing_turn, &o);
    loop_timer_set(o.a, mono_add(loop_now(o.loop), 3600 * 1000));
    loop_run(o.loop);
    assert_int_equal(o.turns, 1);
    assert_string_equal(buffer_text(&o.log), "");
    loop_free(o.loop);
}

/* ---- several hooks ---- */

struct hooks {
    struct loop *loop;
    struct loop_turn *turns[3];
    struct loop_timer *timer;
    char log[16];
};

static void note(struct hooks *h, char letter)
{
    size_t len = strlen(h->log);
    assert_true(len + 1 < sizeof h->log);
    h->log[len] = letter;
}

static void third_hook(void *ctx)
{
    note(ctx, '3');
}

/* Takes the one before it and itself away, and makes another, which has its part in this turn. */
static void second_hook(void *ctx)
{
    struct hooks *h = ctx;
    note(h, '2');
    loop_turn_close(h->turns[0]);
    loop_turn_close(h->turns[1]);
    h->turns[2] = loop_on_turn(h->loop, third_hook, h);
}

static void first_hook(void *ctx)
{
    note(ctx, '1');
}

static void nothing_due(void *ctx)
{
    (void)ctx;
}

static void hooks_run_in_their_order_and_go_while_they_run(void **state)
{
    struct hooks h = {.loop = loop_new(&system_clock)};
    (void)state;
    h.timer = loop_timer_new(h.loop, nothing_due, &h);
    h.turns[0] = loop_on_turn(h.loop, first_hook, &h);
    h.turns[1] = loop_on_turn(h.loop, second_hook, &h);
    loop_timer_set(h.timer, loop_now(h.loop));
    loop_run(h.loop);
    assert_memory_equal(h.log, "1233", 4);
    assert_null(strpbrk(h.log + 3, "12"));
    loop_timer_close(h.timer);
    loop_turn_close(h.turns[2]);
    loop_free(h.loop);
}

/* ---- being held up ---- */

static int64_t told_ms;

static struct mono told_mono(const struct clock *c)
{
    (void)c;
    return (struct mono){told_ms};
}

static struct wall told_wall(const struct clock *c)
{
    (void)c;
    return (struct wall){told_ms};
}

static void being_held_up_shows_for_a_moment(void **state)
{
    static const struct clock told = {told_mono, told_wall};
    struct loop *loop = loop_new(&told);
    struct mono until, awake;
    (void)state;
    told_ms = 1000;
    loop_watch_stalls(loop, true);
    awake = loop_awake(loop);
    told_ms += 900; /* busy, no more */
    assert_false(loop_was_held_up(loop, &until));
    assert_int_equal(mono_diff(loop_awake(loop), awake), 900);
    told_ms += 3600 * 1000;
    assert_true(loop_was_held_up(loop, &until));
    assert_true(mono_diff(until, loop_now(loop)) > 0);
    int64_t went_by = mono_diff(loop_awake(loop), awake);
    assert_in_range(went_by, 900, 1900);
    told_ms = until.ms - 1;
    assert_true(loop_was_held_up(loop, &until));
    told_ms = until.ms;
    assert_false(loop_was_held_up(loop, &until));
    assert_true(mono_diff(loop_awake(loop), awake) > went_by);
    loop_watch_stalls(loop, false);
    told_ms += 3600 * 1000; /* nobody looked at the clock: it says nothing */
    assert_false(loop_was_held_up(loop, &until));
    loop_free(loop);
}

/* The beat is what looks at the clock, and keeps nothing alive. */
static void hold_loop_up(void *ctx)
{
    (void)ctx;
    usleep(1300 * 1000);
}

static void ask_loop(void *ctx)
{
    struct order *o = ctx;
    struct mono until;
    buffer_put(&o->log, loop_was_held_up(o->loop, &until) ? "held" : "not");
}

static void a_loop_that_is_blocked_was_held_up(void **state)
{
    struct order o;
    (void)state;
    order_start(&o);
    loop_watch_stalls(o.loop, true);
    struct loop_timer *holds = loop_timer_new(o.loop, hold_loop_up, &o);
    struct loop_timer *asks = loop_timer_new(o.loop, ask_loop, &o);
    loop_timer_set(holds, loop_now(o.loop));
    loop_timer_set(asks, mono_add(loop_now(o.loop), 1400));
    loop_run(o.loop);
    loop_timer_set(asks, mono_add(loop_now(o.loop), 1500)); /* asleep isn't held up */
    loop_run(o.loop);
    assert_string_equal(buffer_text(&o.log), "heldnot");
    loop_watch_stalls(o.loop, false);
    loop_timer_close(holds);
    loop_timer_close(asks);
    order_end(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(being_held_up_shows_for_a_moment),
        cmocka_unit_test(a_loop_that_is_blocked_was_held_up),
        cmocka_unit_test(turn_hook_runs_after_all_callbacks),
        cmocka_unit_test(turn_hook_runs_after_the_last_callback),
        cmocka_unit_test(turn_hook_alone_keeps_nothing_alive),
        cmocka_unit_test(stopped_timer_stays_silent),
        cmocka_unit_test(timer_never_fires_early_by_its_clock),
        cmocka_unit_test(busy_timer_leaves_room_for_sockets),
        cmocka_unit_test(watch_sees_the_end_of_a_pipe),
        cmocka_unit_test(signal_arrives_and_keeps_nothing_alive),
        cmocka_unit_test(work_runs_elsewhere_and_reports_here),
        cmocka_unit_test(adopted_loop_stays_its_owners),
        cmocka_unit_test(hook_may_close_everything),
        cmocka_unit_test(hooks_run_in_their_order_and_go_while_they_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
