/* fake_asking.h - stands in for poll.c, fetch.c and endpoint_check.c, the three kinds of GET. A line
 * (record.h) each:
 *
 *   plan_poll doc=3 wait=0 [last]
 *   put_off_poll doc=3 [last]
 *   due_poll doc=3      send_poll
 *   due_fetch doc=3 [first]      send_fetch
 *   send_check
 *
 * A document that falls due leaves its line; one that is sent takes a GET of
 * fake_pace.h's, and is out until the test says otherwise. */
#ifndef MB_TESTS_BATCH_FAKE_ASKING_H
#define MB_TESTS_BATCH_FAKE_ASKING_H

#include "batch/endpoint_check.h"
#include "batch/fetch.h"
#include "batch/poll.h"

struct poll {
    int waits, out; /* in the line; on the wire */
    bool busy;
    struct mono planned; /* what poll_plan says */
    struct mono put_off; /* and poll_replan, if it is later */
};

struct fetch {
    int waits, out;
    bool busy;
};

struct endpoint_check {
    bool due;
    int out;
};

/* The newest made. */
extern struct poll *fake_poll;
extern struct fetch *fake_fetch;
extern struct endpoint_check *fake_check;

#endif
