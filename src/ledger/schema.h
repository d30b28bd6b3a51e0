/* schema.h - the tables of a ledger, and how an older one becomes this one. Private. */
#ifndef MB_LEDGER_SCHEMA_H
#define MB_LEDGER_SCHEMA_H

#include "store/database.h"

enum { SCHEMA_APPLICATION_ID = 0x4d424c67 /* "MBLg" */ };

/* How the file looks: 0, or ERR_DAMAGED (not a ledger, or a newer one), or what SQLite says. An
 * empty database is *VERSION 0. */
MUST_CHECK int schema_look(struct database *d, int *version);
int schema_version(void); /* what this program makes */
/* From VERSION to this program's, in one transaction; turns on WAL. */
MUST_CHECK int schema_upgrade(struct database *d, int version);
/* SQLite's own check of the whole file. */
MUST_CHECK int schema_quick_check(struct database *d);

#endif
