/* budgets.h - limits.max_credits and its like in the simulator: what a run is given, and that neither
 * what it began nor what the server charged goes beyond. */
#ifndef MB_SIM_BUDGETS_H
#define MB_SIM_BUDGETS_H

#include "batch/options.h"
#include "config/config.h"
#include "world.h"

#include <sqlite3.h>

/* Of a run of LEDGER 0 by its own settings. */
void budgets_set(const struct world *w, struct config *c, struct error_list *errors);
/* Whether a person begins it anew with that run. */
bool budgets_again(const struct world *w, int run);
/* In the middle of a run under O, whose ledger L is. */
void budgets_check(struct world *w, const struct batch_options *o, struct ledger *l,
                   struct wall now);
/* At each of its turns. OVER: as it was at the one before. */
void budgets_check_turn(struct world *w, struct ledger *l, bool *over);
/* After it: against what the server knows. */
void budgets_check_after_run(struct world *w, sqlite3 *db);

#endif
