/* report_unstored.h - the files whose documents have no result, and why: the first of them by path, all of them by
 * reason. What was dismissed isn't among them.
 *
 *   report_unstored_read(&u, ledger, period, &e)
 *   report_unstored_release(&u) */
#ifndef MB_REPORT_REPORT_UNSTORED_H
#define MB_REPORT_REPORT_UNSTORED_H

#include "base/error.h"
#include "ledger/ledger.h"

enum { REPORT_UNSTORED_ROWS = 500, REPORT_UNSTORED_REASONS = 40, REPORT_REASON_MAX = 48 };

struct report_unstored_row {
    char *name, *path;            /* bytes; owned */
    char *why, *state;            /* owned */
    char code[REPORT_REASON_MAX]; /* the state's word where there is none */
};

struct report_unstored {
    struct report_unstored_row *rows;
    size_t row_count, row_capacity;
    int64_t files; /* all */
    struct {
        char code[REPORT_REASON_MAX];
        int64_t files;
    } reasons
        [REPORT_UNSTORED_REASONS]; /* in the order in which they came; what has no room is in no row */
    size_t reason_count;
};

/* PERIOD NULL: of all. */
MUST_CHECK int report_unstored_read(struct report_unstored *u, struct ledger *l, const char *period,
                                    struct error *e);
void report_unstored_release(struct report_unstored *u);

#endif
