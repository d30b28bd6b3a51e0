/* failures.h - failures.csv: every file whose document isn't stored, and why: path, state, code,
 * detail, job id. Where nothing failed the detail says what it waits for. */
#ifndef MB_RESULTS_FAILURES_H
#define MB_RESULTS_FAILURES_H

#include "base/error.h"
#include "format/csv_profile.h"
#include "ledger/ledger.h"

struct failure {
    const char *path;                           /* where it is now; bytes */
    const char *name;                           /* of its result, bytes; "" if none */
    const char *state, *code, *detail, *job_id; /* "" if none */
    int64_t document_id; /* 0: what is unread, which is none; since when: ledger_since */
};

/* Those of files that belong to PERIOD (NULL: all), in the order of their paths, then what is unread (no
 * period's). FN returns 0, or an error code that ends it; else an error is the ledger's. */
MUST_CHECK int failures_list(struct ledger *l, const char *period,
                             int (*fn)(void *ctx, const struct failure *f), void *ctx);

/* Writes DIRECTORY/failures.csv anew in the form of PROFILE (with only its heading if all is stored). */
MUST_CHECK int failures_write(struct ledger *l, const char *directory,
                              const struct csv_profile *profile, struct error *e);

#endif
