/* path_in_ledger.h - the path by which the ledger knows what a person names. With
 * input.follow_symlinks a run records the path that it walked, the links below its PATH as they are
 * written; without, where they lead. */
#ifndef MB_CLI_PATH_IN_LEDGER_H
#define MB_CLI_PATH_IN_LEDGER_H

#include "ledger/ledger.h"

/* To be freed. What isn't in L, or can't be looked up, is the resolved path. */
char *path_in_ledger(struct ledger *l, const char *path);

#endif
