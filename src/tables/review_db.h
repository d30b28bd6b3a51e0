/* review_db.h - review.db in the output directory: what is known of results beyond the ledger. It holds the
 * catalogue of columns (catalogue.h) and what duplicates are found by (review/duplicate_index.h), which can both be
 * made again from the ledger at any time.
 *
 * Reviewing goes on beside a run that holds the ledger, so it is a database of its own, in WAL mode, which
 * several programs may have open: writes are short, and wait for each other. */
#ifndef MB_TABLES_REVIEW_DB_H
#define MB_TABLES_REVIEW_DB_H

#include "base/file_access.h"
#include "store/database.h"

#define REVIEW_DB "review.db"

/* Opens OUTPUT/review.db, or makes it, for ACCESS: of the group's it is theirs to write, and OUTPUT too. ERR_DAMAGED: it isn't ours, a newer version's, or damaged;
 * it is left as it is, and the words name it. */
MUST_CHECK int review_db_open(struct database *d, const char *output, enum file_access access,
                              struct error *e);
/* One that is there, for reading alone: by those of the group, too. ERR_NOT_FOUND: it is an older version's. */
MUST_CHECK int review_db_open_to_read(struct database *d, const char *output, struct error *e);
void review_db_close(struct database *d);

#endif
