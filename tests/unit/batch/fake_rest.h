/* fake_rest.h - stands in for rest.c: the test says what it lets through, and when a round is due.
 * What it is told is a line (record.h) each:
 *
 *   rest_new    rest_close    rest_begins    rest_ended    rest_doubts
 *   rest_turn busy=0
 *   rest_settled /data/a.pdf size=7 error=0 */
#ifndef MB_TESTS_BATCH_FAKE_REST_H
#define MB_TESTS_BATCH_FAKE_REST_H

#include "batch/rest.h"

struct rest {
    bool passes, lets;      /* what it answers to each entry */
    bool due;               /* the next rest_turn says so, once */
    struct mono next;       /* MONO_NEVER at first */
    struct walk_times walk; /* of the last entry */
};

extern struct rest *fake_rest; /* the one that is open, or NULL */

#endif
