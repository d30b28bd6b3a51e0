/* fake_find.h - stands in for find.c: nothing is walked. A line (record.h) each:
 *
 *   start_find    turn_find    stop_find
 *   take_again 3
 *   find_changed file=1 root=2 */
#ifndef MB_TESTS_BATCH_FAKE_FIND_H
#define MB_TESTS_BATCH_FAKE_FIND_H

#include "batch/find.h"

struct find {
    bool busy, walking;
    struct mono next;
};

extern struct find *fake_find; /* the newest made */

#endif
