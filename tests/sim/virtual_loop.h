/* virtual_loop.h - net/loop.h in virtual time: what keeps the simulator's runs
 * apart from real ones.
 *
 *   loop = virtual_loop_new(&clock, seed, &hooks);
 *   loop_run(loop);      as in loop.h; but a step is: time jumps to the earliest timer or finished
 *                        work, that is delivered (now and then with a few more that are due), then
 *                        the turn's hook
 *
 * What is due at the same time comes in an order that the seed decides. Nothing here sleeps, reads
 * a real clock or starts a thread. */
#ifndef MB_SIM_VIRTUAL_LOOP_H
#define MB_SIM_VIRTUAL_LOOP_H

#include "net/loop.h"

/* The time is in memory that outlives the process: a restarted run goes on from there. */
struct virtual_clock {
    struct clock clock; /* first: what the modules see */
    int64_t *mono_ms;
    const int64_t *wall_shift_ms; /* what was done to the wall clock; NULL: nothing */
};
enum { VIRTUAL_MONO_START_MS = 1000 * 1000 };

#define VIRTUAL_WALL_START_S INT64_C(1788192000) /* 2026-08-31T16:00:00Z */

void virtual_clock_init(struct virtual_clock *c, int64_t *mono_ms);

struct virtual_hooks {
    void (*before_time)(void *ctx, struct mono at); /* so far it would go; or it has already */
    void (*before_step)(void *ctx);                 /* time has come to what is delivered next */
    void (*after_turn)(void *ctx);
    void *ctx;
};

/* T stands for a socket that can be read from its time on. After the process was held up, as in the
 * real loop, all timers that are due come before any socket is read. */
void virtual_loop_socket(struct loop_timer *t);

struct loop *virtual_loop_new(const struct virtual_clock *clock, uint64_t seed,
                              const struct virtual_hooks *hooks);
/* One step of loop_run; false: nothing is left that could happen. */
bool virtual_loop_step(struct loop *loop);
/* A turn's end, and what comes within so long after it. */
void virtual_loop_turn(struct loop *loop, int64_t ms);

/* loop_uv() of a virtual loop is no libuv loop: only good to be handed back here. */
struct loop *virtual_loop_of(struct uv_loop_s *uv);

#endif
