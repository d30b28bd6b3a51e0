/* comings.h - files that come and go under a few names: the same name again, another content in its
 * place, the same bytes again, taken away; in one PATH or in two with the same names. In worlds of
 * this kind there are no other files.
 *
 * At the end each payload is under one name with its bytes, and nothing else is under results/; what
 * was moved is where the ledger says; what is at its path is known as what it is. Names stay, but for
 * `(replaced)`. */
#ifndef MB_SIM_COMINGS_H
#define MB_SIM_COMINGS_H

#include "ledger/listing.h"
#include "world.h"

struct sqlite3;
struct ledger_listing;

/* Applies what is due before step STEP of run RUN; ALL: whatever is left. */
void comings_change(struct world *w, int run, int64_t step, bool all);
/* The PATHs of run RUN: how many, into OUT. */
int comings_roots(const struct world *w, int run, char out[][256]);
/* After each run, however it ended. */
void comings_check_after_run(struct world *w, struct sqlite3 *db);
/* At the end: each row of the ledger's listing, then the directories. */
void comings_check_row(struct world *w, const struct ledger_listing *row);
void comings_check_at_end(struct world *w, struct sqlite3 *db);

#endif
