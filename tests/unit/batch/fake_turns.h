/* fake_turns.h - stands in for admit.c, recover.c and retry.c, which have little to say to others. A
 * line (record.h) each:
 *
 *   turn_admit
 *   start_recover    turn_recover
 *   start_retry      turn_retry */
#ifndef MB_TESTS_BATCH_FAKE_TURNS_H
#define MB_TESTS_BATCH_FAKE_TURNS_H

#include "batch/admit.h"
#include "batch/recover.h"
#include "batch/retry.h"

struct admit {
    bool busy;
    unsigned pauses;
    bool tries_later;
    uint32_t wanted;
    struct mono next;
};

struct recover {
    bool busy;
    struct mono next;
    /* as it was made */
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
};

struct retry {
    bool busy;
    struct mono next;
};

/* The newest made. */
extern struct admit *fake_admit;
extern struct recover *fake_recover;
extern struct retry *fake_retry;

#endif
