/* clashes.h - do the batches of one configuration leave each other alone? What each writes must be
 * its own: its output directory, its ledger, and nobody else's below results/. */
#ifndef MB_CLI_CLASHES_H
#define MB_CLI_CLASHES_H

#include "config/config.h"

/* Each pair of batches that can't both run, with their names and the way out. Paths are compared as
 * what they lead to, also where they don't exist yet. */
MUST_CHECK int clashes_check(const struct config *c, struct error_list *errors);

/* Logs what is allowed but seldom meant: two batches with the same documents, an output directory
 * among another's documents. */
void clashes_warn(const struct config *c);

#endif
