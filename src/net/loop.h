/* loop.h - the event loop: timers, signals, work on the thread pool, and the end of each turn.
 *
 *   loop = loop_new(&system_clock);   or loop_adopt(uv, clock) on somebody else's
 *   loop_on_turn(loop, cb, ctx);      runs once a turn, after all callbacks and before the loop
 *                                     sleeps; there may be any number of them
 *   loop_run(loop);                   returns when nothing is left that keeps it alive
 *   loop_free(loop);                  REQUIREs that everything was closed: uv_loop_close() == 0
 *
 * One thread owns a loop; only loop_work's work function runs elsewhere. No uv type shows here, so
 * that a simulator can put another implementation behind this header at link time. Closing is
 * asynchronous: a handle's memory is freed by the loop after its close, never under a callback;
 * after X_close() the handle's callback isn't called any more and the pointer must not be used. */
#ifndef MB_NET_LOOP_H
#define MB_NET_LOOP_H

#include "base/clock.h"
#include "base/error.h"
#include "base/histogram.h"

#include <stdbool.h>

struct uv_loop_s;
struct loop;

struct loop *loop_new(const struct clock *clock);
struct loop *loop_adopt(struct uv_loop_s *uv,
                        const struct clock *clock); /* UV stays the caller's */
struct uv_loop_s *loop_uv(struct loop *loop);
const struct clock *loop_clock(const struct loop *loop);
struct mono loop_now(const struct loop *loop); /* reads the clock */
void loop_run(struct loop *loop);
/* After loop_run returned (an adopted loop: after its owner ran it until the closes were done). */
void loop_free(struct loop *loop);

/* A process is held up now and then: it is stopped and goes on, its machine sleeps, its disk keeps
 * it waiting. What has come for it meanwhile lies in its sockets, and must be read before any
 * timeout counts. While somebody watches for it (calls are counted) the loop looks at the clock a
 * few times a second, so that it knows. */
void loop_watch_stalls(struct loop *loop, bool on);
/* True just after it was held up: no timeout counts before *UNTIL. */
bool loop_was_held_up(struct loop *loop, struct mono *until);
/* A clock that stands while the process is held up: only differences mean something. */
struct mono loop_awake(struct loop *loop);

/* How long the loop is busy at a time: from waking to sleeping. Counted into H from now on, NULL: no more. */
void loop_measure(struct loop *loop, struct histogram *h);

/* A hook in the turn's last phase; doesn't keep the loop alive. Hooks run in the order they were
 * made; one made by a hook runs in the same turn.
 * Close it before loop_free, also from any hook's callback. */
struct loop_turn;
struct loop_turn *loop_on_turn(struct loop *loop, void (*cb)(void *ctx), void *ctx);
void loop_turn_close(struct loop_turn *t);

/* A one-shot timer. Set again whenever one likes, also from its own callback; a deadline in the
 * past fires next turn. */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *loop, void (*cb)(void *ctx), void *ctx);
void loop_timer_set(struct loop_timer *t, struct mono at); /* MONO_NEVER stops it */
void loop_timer_close(struct loop_timer *t);

/* Calls CB for each signal SIGNUM; doesn't keep the loop alive. */
struct loop_signal;
struct loop_signal *loop_signal_new(struct loop *loop, int signum,
                                    void (*cb)(void *ctx, int signum), void *ctx);
void loop_signal_close(struct loop_signal *s);

/* Watches a descriptor for readability (the server's epoll descriptor, a child's pipe). FD stays
 * the caller's. */
struct loop_watch;
struct loop_watch *loop_watch_new(struct loop *loop, int fd, void (*cb)(void *ctx), void *ctx);
void loop_watch_close(struct loop_watch *w);

/* Runs WORK(ctx) on the thread pool, then DONE(ctx) on the loop.
 * Can't be cancelled; keeps the loop alive. */
void loop_work(struct loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx);

#endif
