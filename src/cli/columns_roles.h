/* columns_roles.h - `columns --roles`: which fields are supplier, number, total, and which checks are on, by model. */
#ifndef MB_CLI_COLUMNS_ROLES_H
#define MB_CLI_COLUMNS_ROLES_H

#include "config/config.h"
#include "ledger/ledger.h"
#include "tables/catalogue.h"

/* The catalogue is up to date. */
MUST_CHECK int columns_roles_print(const struct config *c, struct ledger *l,
                                   struct catalogue *catalogue, bool json, struct error *e);

#endif
