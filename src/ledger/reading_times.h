/* reading_times.h - how long Mindee took to read each stored document, and when its result came. */
#ifndef MB_LEDGER_READING_TIMES_H
#define MB_LEDGER_READING_TIMES_H

#include "ledger/stored_results.h"

struct ledger_reading {
    struct wall accepted_at; /* of the upload that was read; 0: not known */
    struct wall received_at; /* its result */
};
/* Of the documents that ledger_stored_list gives, in no order. FN returns 0, or an error code that ends it. */
MUST_CHECK int ledger_reading_times(struct ledger *l, const struct ledger_stored_filter *filter,
                                    int (*fn)(void *ctx, const struct ledger_reading *r),
                                    void *ctx);

#endif
