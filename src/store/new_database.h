/* new_database.h - a plain database file that is made in one go and then read by others: no log beside
 * it, no locks, nothing synced until its maker syncs the file.
 *
 *   new_database_open(&d, path, shown, way_out)
 *   database_script(&d, sql), database_run(&d, sql, ...)      each under the address of its SQL
 *   new_database_finish(&d)                                   all is in the file: whoever syncs it may now
 *   database_close(&d)
 *
 * The same statements give the same bytes. A process that is killed leaves a file that is no database, so it
 * is made under a temporary name. What sorting needs goes to nameless files beside it. */
#ifndef MB_STORE_NEW_DATABASE_H
#define MB_STORE_NEW_DATABASE_H

#include "store/database.h"

enum { NEW_DATABASE_COLUMNS = 2000 /* that a table of SQLite's has at most */ };

/* PATH: an empty file of ours. SHOWN: what it is called in messages. WAY_OUT is kept by reference. After
 * an error only database_close. */
MUST_CHECK int new_database_open(struct database *d, const char *path, const char *shown,
                                 const char *way_out);
MUST_CHECK int new_database_finish(struct database *d);

/* NAME as SQL quotes it, "a ""b""", appended. */
void new_database_put_name(struct buffer *sql, const char *name);

#endif
