/* webhooks.h - webhooks: whose they are, and those that are nobody's yet. */
#ifndef MB_LEDGER_WEBHOOKS_H
#define MB_LEDGER_WEBHOOKS_H

#include "ledger/ledger.h"

/* The attempt whose 202 named JOB_ID: 1, or 0 if none is known. By an index. */
MUST_CHECK int ledger_find_by_job(struct ledger *l, const char *job_id, int64_t *document_id,
                                  int *attempt);
/* The attempt that was sent with ALIAS: 1, or 0 if it isn't one of ours (another ledger's, another
 * form, an attempt that was never made). Any text may be asked for. */
MUST_CHECK int ledger_find_by_alias(struct ledger *l, const char *alias, int64_t *document_id,
                                    int *attempt);
/* A webhook's bytes that matched nothing, kept until their upload becomes known; the same bytes
 * twice are stored once. JOB_ID and ALIAS: "" or NULL if it has none. */
MUST_CHECK int ledger_orphan_put(struct ledger *l, const void *bytes, size_t len,
                                 const char *job_id, const char *alias);
/* The oldest orphan with that job id, or with that alias and no job id ("" or NULL match nothing;
 * one that names another job is another upload's, whatever its alias): 1, its bytes
 * appended to BYTES and its row gone with the turn's commit; 0: none.
 * There may be more than one. */
MUST_CHECK int ledger_orphan_take(struct ledger *l, const char *job_id, const char *alias,
                                  struct buffer *bytes);

#endif
