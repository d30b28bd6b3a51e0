/* catalogue.h - the columns of every model that a ledger's results have shown, kept from one export to the
 * next, so that columns stay from month to month.
 *
 *   catalogue_open(&c, ledger, output, access, &e)      reads what is known
 *   catalogue_scan(c, upto, &e)                         looks at the results that came since, and keeps it
 *   catalogue_columns(c, settings_id)                   for flatten(): one set for each set of settings
 *   catalogue_close(c)
 *
 * The set only grows. It is made anew from all results when another version of the flattener made it, or
 * when it isn't this ledger's as it is now (one was put back from a backup). A result that can't be read as
 * one is passed over here: whoever exports its document says so. */
#ifndef MB_TABLES_CATALOGUE_H
#define MB_TABLES_CATALOGUE_H

#include "base/file_access.h"
#include "ledger/ledger.h"
#include "tables/columns.h"

struct catalogue;

/* L must outlive it. Errors: those of review_db_open. */
MUST_CHECK int catalogue_open(struct catalogue **out, struct ledger *l, const char *output,
                              enum file_access access, struct error *e);
MUST_CHECK int catalogue_scan(struct catalogue *c, int64_t upto, struct error *e);
void catalogue_close(struct catalogue *c);

/* Made where there is none. Valid until catalogue_close. */
struct columns *catalogue_columns(struct catalogue *c, int64_t settings_id);
/* The settings that have a set, one after the other: the smallest above AFTER (0: the first), 0 at the end. */
int64_t catalogue_next(const struct catalogue *c, int64_t after);

#endif
