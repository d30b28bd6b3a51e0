/* fake_spending.h - stands in for spending.c: so many pages may be sent, and no more. */
#ifndef MB_TESTS_BATCH_FAKE_SPENDING_H
#define MB_TESTS_BATCH_FAKE_SPENDING_H

#include "batch/spending.h"

struct spending {
    int64_t left; /* pages */
    struct mono next;
    int ended;           /* times that its end was told, */
    bool documents_wait; /* and with what */
    char reason[SPENDING_TEXT_MAX];
};

extern struct spending *fake_spending; /* the newest made */

#endif
