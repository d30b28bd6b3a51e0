/* failure_sums.h - what went wrong in a batch, by its code: how often, and one example. Found by looking through the ledger a
 * little at a time, and kept until its numbers change. */
#ifndef MB_MONITOR_FAILURE_SUMS_H
#define MB_MONITOR_FAILURE_SUMS_H

#include "ledger/document_list.h"

enum {
    FAILURE_CODES_MAX = 10,
    FAILURE_CODE_MAX = 64,
    FAILURE_PATH_MAX = 512,
};

struct failure_sum {
    char code[FAILURE_CODE_MAX];
    int64_t count;
    char path[FAILURE_PATH_MAX], detail[FAILURE_PATH_MAX]; /* of the newest */
    int64_t document;
};

struct failure_sums {
    struct failure_sum codes[FAILURE_CODES_MAX]; /* in the order they were found */
    size_t count;
    int64_t bad; /* so many documents were in a bad state when it was made */
};

/* For ledger_list_documents: CTX is the sums. */
int failure_sums_add(void *ctx, const struct ledger_document_line *line);

#endif
