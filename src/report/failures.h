/* failures.h - failures.csv: every file whose document isn't stored, and why: path, state, code,
 * detail, job id. Where nothing failed the detail says what it waits for. */
#ifndef MB_REPORT_FAILURES_H
#define MB_REPORT_FAILURES_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "report/csv_profile.h"

/* Writes DIRECTORY/failures.csv anew in the form of PROFILE (with only its heading if all is stored). */
MUST_CHECK int failures_write(struct ledger *l, const char *directory,
                              const struct csv_profile *profile, struct error *e);

#endif
