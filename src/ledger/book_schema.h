/* book_schema.h - the tables of a file book, beside the ledger that it belongs to. Private.
 *
 * One connection has both open: the book is its main database, the ledger is attached to it, so a
 * statement may join their tables. A commit writes the book first (SQLite commits databases in this
 * order), and only then the ledger: what the ledger says of a file, the book has. */
#ifndef MB_LEDGER_BOOK_SCHEMA_H
#define MB_LEDGER_BOOK_SCHEMA_H

#include "store/database.h"

/* FILE.files; owned by the caller. */
char *book_path(const char *ledger_path);
/* An empty book instead of what is there: for a ledger that says nothing yet. */
MUST_CHECK int book_make(const char *ledger_path, const char *way_out, struct error *e);
/* Both, as one database. The book exists. D's errors name the ledger. */
MUST_CHECK int book_open_both(struct database *d, const char *ledger_path, enum database_mode mode,
                              const char *way_out);
/* SQLite's own check of the book. */
MUST_CHECK int book_quick_check(const char *ledger_path, const char *way_out, struct error *e);

#endif
