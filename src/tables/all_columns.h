/* all_columns.h - what an export of a whole ledger has: the columns of all its settings as one set. */
#ifndef MB_TABLES_ALL_COLUMNS_H
#define MB_TABLES_ALL_COLUMNS_H

#include "base/error.h"
#include "tables/catalogue.h"

/* Looks at the results up to UPTO (below 0: at none) and joins the sets of all settings into *OUT, which the caller frees. */
MUST_CHECK int all_columns(struct catalogue *c, int64_t upto, struct columns **out,
                           struct error *e);

#endif
