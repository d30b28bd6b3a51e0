/* fake_tied.h - stands in for the parts that the run alone calls: gets.c, release.c, learn.c, and for
 * opening.c. A line (record.h) each:
 *
 *   turn_gets
 *   release_due     release_committed       the outbox is empty then
 *   learn_recall    learn_save    learn_before_commit
 *   open_ledger */
#ifndef MB_TESTS_BATCH_FAKE_TIED_H
#define MB_TESTS_BATCH_FAKE_TIED_H

#include "batch/gets.h"
#include "batch/learn.h"
#include "batch/opening.h"
#include "batch/release.h"
#include "ledger_fixture.h"

struct gets {
    bool busy;
    int out;
    uint32_t wanted;
    bool soon; /* as gets_wanted was asked last */
    struct mono next;
};

struct release {
    struct flights *flights;
};

/* The newest made. */
extern struct gets *fake_gets;

extern const struct fixture *fake_opening_ledger; /* which ledger is opened */
extern const char *fake_opening_fails;            /* with these words; NULL: it goes well */

#endif
