/* summary.h - the batch in numbers (ledger/summary.h), for its readers: summary.json for programs, a
 * small table for people. Both say the same. */
#ifndef MB_RESULTS_SUMMARY_H
#define MB_RESULTS_SUMMARY_H

#include "base/buffer.h"
#include "base/error.h"
#include "ledger/summary.h"

/* Writes DIRECTORY/summary.json by rename. */
MUST_CHECK int summary_write(const struct summary *s, const char *directory, struct error *e);
/* The table for people. */
/* For people; of a period that is closed, also as it was then. */
void summary_table(struct buffer *out, const struct summary *s);

#endif
