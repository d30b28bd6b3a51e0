/* fake_move.h - stands in for move.c: nothing is moved. A line (record.h) each:
 *
 *   consider doc=3    start_move    turn_move */
#ifndef MB_TESTS_BATCH_FAKE_MOVE_H
#define MB_TESTS_BATCH_FAKE_MOVE_H

#include "batch/move.h"

struct move {
    bool busy, not_done;
    bool waits; /* what move_wait said last */
    struct mono next;
};

extern struct move *fake_move; /* the newest made */

#endif
