/* ledger_damage.h - a ledger that stops working under an open run: what a broken disk does, from
 * outside, through a connection of its own. */
#ifndef MB_TESTS_BATCH_LEDGER_DAMAGE_H
#define MB_TESTS_BATCH_LEDGER_DAMAGE_H

#include "ledger_fixture.h"

/* Commits what is open, and does this to the database. */
void ledger_damage(struct fixture *f, const char *sql);

#endif
