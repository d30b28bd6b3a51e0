/* fake_loop.h - net/loop.h that does nothing by itself: a test says when work is done, when a turn
 * comes and which timers fire.
 *
 * loop_free() REQUIREs that all was closed and all work was done. */
#ifndef MB_TESTS_BATCH_FAKE_LOOP_H
#define MB_TESTS_BATCH_FAKE_LOOP_H

#include "net/loop.h"

struct loop *fake_loop_new(const struct clock *clock);

size_t fake_loop_works(const struct loop *loop); /* that wait */
/* The oldest: its work, then its end. */
void fake_loop_work(struct loop *loop);
void fake_loop_work_all(struct loop *loop);
void fake_loop_turn(struct loop *loop);
/* Every timer that is due by the loop's clock. */
void fake_loop_timers(struct loop *loop);
struct mono fake_loop_timer_at(const struct loop_timer *t); /* MONO_NEVER: it isn't set */

int fake_loop_stall_watchers(const struct loop *loop); /* of loop_watch_stalls */
/* What loop_was_held_up says from now on. */
void fake_loop_hold_up(struct loop *loop, bool held_up);

#endif
