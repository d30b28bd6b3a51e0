/* schema.h - the tables of a ledger, and how an older one becomes this one. Private. */
#ifndef MB_LEDGER_SCHEMA_H
#define MB_LEDGER_SCHEMA_H

#include "store/database.h"

enum { SCHEMA_APPLICATION_ID = 0x4d424c67 /* "MBLg" */ };

/* How the file looks: 0, or ERR_DAMAGED (not a ledger, or a newer one), or what SQLite says. An
 * empty database is *VERSION 0. */
MUST_CHECK int schema_look(struct database *d, int *version);
enum {
    SCHEMA_ALONE = 8,    /* the last version in which the ledger held the files, too */
    SCHEMA_DIVIDED = 9,  /* the first in which they are in a book of their own */
    SCHEMA_VERSION = 12, /* what this program makes */
};
/* From VERSION to SCHEMA_ALONE, in one transaction; turns on WAL. */
MUST_CHECK int schema_upgrade(struct database *d, int version);
/* From that one to SCHEMA_DIVIDED, D holding both databases, within a transaction. */
MUST_CHECK int schema_leave_files(struct database *d);
/* From VERSION, which is at least that, to SCHEMA_VERSION, D holding the ledger alone, in one
 * transaction. */
MUST_CHECK int schema_go_on(struct database *d, int version);
/* SQLite's own check of the whole file. */
MUST_CHECK int schema_quick_check(struct database *d);

#endif
