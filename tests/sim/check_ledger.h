/* check_ledger.h - the ledger at the end, held against the server's record: by subject. For checks.c,
 * check_charges.c and check_files.c. */
#ifndef MB_SIM_CHECK_LEDGER_H
#define MB_SIM_CHECK_LEDGER_H

#include "checks.h"

#include "ledger/ledger.h"
#include "ledger/listing.h"

#include <sqlite3.h>

enum { PATH_ROOM = 256 };

struct final {
    struct world *w;
    int number; /* of the ledger */
    struct ledger *ledger;
    sqlite3 *db;
    bool crashed;
    int listed[SIM_FILES_MAX];
    int64_t states[DOC_STATE_COUNT];
};

/* A connection of its own, with the file book as "book"; NULL: there is no ledger. */
sqlite3 *check_open(const struct world *w, int ledger);
sqlite3_stmt *check_ask(sqlite3 *db, const char *sql, int64_t a, int64_t b);
int64_t check_number(sqlite3 *db, const char *sql, int64_t a, int64_t b); /* -1: no row */
/* No file is good for nothing, or changes. */
bool check_all_are_good(const struct world *w);

/* Charges (check_charges.c). */
void check_charges(struct final *f);
/* Each payload that is kept is under the document that was sent for it; what is kept for want of
 * one was never ours. */
void check_payloads(struct final *f);

/* Files (check_files.c). */
int check_row(void *final, const struct ledger_listing *row);
/* Of the files that the ledger's runs read, each is in one place. */
void check_places(struct final *f);

#endif
