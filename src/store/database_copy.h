/* database_copy.h - a copy of a database, whole or not there.
 *
 *   database_snapshot(&d)                       from here on D reads what it holds at this moment
 *   database_copy_make(&c, &d, path, script, &e)
 *   database_copy_publish(&c, &e)               only now is PATH there
 *   database_copy_release(&c)
 *   database_snapshot_end(&d)
 *
 * Others may write to the database meanwhile: neither waits for the other. The copy is one file,
 * without a log beside it, 0600, and was checked. It may stand on any file system, also one without
 * locks. Until it is published it is PATH.partial; one that a killed process left is used again. */
#ifndef MB_STORE_DATABASE_COPY_H
#define MB_STORE_DATABASE_COPY_H

#include "store/database.h"

/* D is open, and no statement of its is under way. The error is in d->error. */
MUST_CHECK int database_snapshot(struct database *d);
void database_snapshot_end(struct database *d);

struct database_copy {
    char *path, *partial;
    int fd; /* of the partial file, locked; -1: none */
};

/* SCRIPT is run in the copy; NULL: nothing. ERR_USAGE: PATH is there already, or its directory
 * isn't; ERR_BUSY: another process makes it at this moment; ERR_DAMAGED: FROM is damaged. After an
 * error there is nothing to release. */
MUST_CHECK int database_copy_make(struct database_copy *c, struct database *from, const char *path,
                                  const char *script, struct error *e);
/* Replaces nothing: ERR_USAGE if PATH is there by now. */
MUST_CHECK int database_copy_publish(struct database_copy *c, struct error *e);
/* What wasn't published is removed. Fine on a zeroed C. */
void database_copy_release(struct database_copy *c);

#endif
