/* review_totals.h - what the records come to by currency, and the entry of a run's end that has it. */
#ifndef MB_REVIEW_REVIEW_TOTALS_H
#define MB_REVIEW_REVIEW_TOTALS_H

#include "review/review.h"

/* ENTRY without its action, unless the newest entry of a run's end says the same before the first semicolon of `after`,
 * where the ledger's own numbers stand: then that run changed nothing. To `after` comes what the records come to:
 * "; EUR 12 records, net 100.00, tax 19.00, total 119.00" for each currency, without a value that can't be computed. */
MUST_CHECK int review_note_run(struct review *r, const struct audit_entry *entry);

#endif
