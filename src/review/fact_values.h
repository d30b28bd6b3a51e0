/* fact_values.h - parts of facts.c that need no database: which days a period has, what a reason is about. */
#ifndef MB_REVIEW_FACT_VALUES_H
#define MB_REVIEW_FACT_VALUES_H

#include "review/circumstances.h"
#include "review/findings.h"
#include "review/reasons.h"
#include "review/roles.h"

/* The first and last day of a period as calendar.h names it: "2026-11", "2026-W48", "2026-11-30". Anything else
 * has none. */
void circumstances_period(struct circumstances *c, const char *period);

/* The digest of what FINDING is about, of a record's values as they are checked. */
void reason_value(const struct finding *finding, const struct columns *columns,
                  const struct flat_document *doc, const struct flat_record *record,
                  const struct role_record *roles, char out[REASON_VALUE_MAX]);
/* Of a duplicate of the record with that KEY. */
void reason_value_of(const char *key, char out[REASON_VALUE_MAX]);

#endif
