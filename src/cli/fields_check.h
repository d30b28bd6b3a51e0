/* fields_check.h - whether the fields that [fields] names are there: a check whose field no result has would never say
 * anything. */
#ifndef MB_CLI_FIELDS_CHECK_H
#define MB_CLI_FIELDS_CHECK_H

#include "batch/batch.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "review/roles.h"

/* Somebody set fields.ROLE. */
bool field_is_set(const struct config *c, enum role role);
/* ERR_NOT_FOUND, and the words have the nearest name: no result up to UPTO has a field that somebody set. UPTO below 0: as
 * far as the catalogue is already. Fine where no result is known. */
MUST_CHECK int fields_check(const struct config *c, const struct roles *r, struct ledger *l,
                            const struct batch_options *o, int64_t upto, struct error *e);
/* The same of all results, told: 0 or the exit code. */
int complain_of_fields(const struct config *c, const struct roles *r, struct ledger *l,
                       const struct batch_options *o);
/* Before a run, which doesn't fail for it: what is known by then is said. NAME: of the batch, or NULL. */
void fields_warn(const struct config *c, const char *name);

#endif
