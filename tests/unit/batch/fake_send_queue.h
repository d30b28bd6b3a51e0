/* fake_send_queue.h - stands in for send_queue.c: a line of those that are ready, filled by the test
 * and by send_queue_add. A line (record.h) each:
 *
 *   queue doc=3 [head]
 *   queue_grew
 *   choose_again */
#ifndef MB_TESTS_BATCH_FAKE_SEND_QUEUE_H
#define MB_TESTS_BATCH_FAKE_SEND_QUEUE_H

#include "batch/send_queue.h"

struct send_queue {
    struct list ready;
    bool ledger_has_more; /* as far as send_queue_ledger_empty knows; none is ever taken from it */
};

extern struct send_queue *fake_send_queue; /* the newest made */

#endif
