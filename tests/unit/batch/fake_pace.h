/* fake_pace.h - stands in for pace.c: a request may go while the test says so. What a part does is a
 * line (record.h):
 *
 *   take post                 untake post
 *   answered get 200          its status, 0: none came
 *   sign up                   up, limited, down, refuses, none
 *   want posts=3 gets=5       open_pace, turn_pace, close_pace */
#ifndef MB_TESTS_BATCH_FAKE_PACE_H
#define MB_TESTS_BATCH_FAKE_PACE_H

#include "batch/pace.h"

struct pace {
    struct run_context *context;
    struct ending *ending;
    /* by pace_kind */
    int may_go[2];        /* so many before the next waits; each one taken counts it down */
    struct mono later[2]; /* when the next may go after them */
    double rate[2];
    bool limited[2];
    uint32_t room[2]; /* of the window */

    bool service_waits; /* the service is down, and no probe is due */
    bool service_down;
    struct mono service_next;
    bool lost;
    struct mono next, next_place;
    size_t job_capacity;
    uint32_t room_within;
    int64_t horizon_ms;          /* that pace_get_room_within was asked for last */
    int64_t post, get, http_429; /* for pace_counts */
    struct silence silence;
};

/* The newest made. At first all may go, 1000 jobs may be in flight, nothing is limited. */
extern struct pace *fake_pace;
extern const char *fake_pace_open_fails; /* with these words; NULL: it goes well */

#endif
