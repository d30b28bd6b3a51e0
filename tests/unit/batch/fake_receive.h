/* fake_receive.h - stands in for receive.c: no webhook comes. A line (record.h) each:
 *
 *   open_receive    start_receive    close_receive
 *   reply durable   reply lost
 *   adopt doc=3     missed JOB-ID */
#ifndef MB_TESTS_BATCH_FAKE_RECEIVE_H
#define MB_TESTS_BATCH_FAKE_RECEIVE_H

#include "batch/receive.h"

struct receive {
    bool expects, busy;
    bool holds; /* deliveries wait for their answer, until receive_reply */
    int64_t fallback_ms;
    struct mono next;
    bool closes_later; /* receive_close returns before it has closed */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

extern struct receive *fake_receive;        /* the newest made */
extern const char *fake_receive_open_fails; /* with these words; NULL: it goes well */
void fake_receive_closed(void);             /* it has closed by now */

#endif
