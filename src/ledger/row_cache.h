/* row_cache.h - documents' rows in memory, and what of them is still to be written.
 *
 * A document in flight keeps its row here until it comes to rest, whatever comes in meanwhile; of those
 * at rest the ones used last. What changes is written once, before the turn's commit or the first
 * statement that asks for it (deferred.h): two or three of a document's steps are one write, and a
 * flight that begins and ends within a turn is none. Only of a writer, whose own the rows are. */
#ifndef MB_LEDGER_ROW_CACHE_H
#define MB_LEDGER_ROW_CACHE_H

#include "ledger/private.h"

void row_cache_init(struct ledger *l);
void row_cache_clear(struct ledger *l); /* what isn't written is forgotten */

bool row_cache_find(const struct ledger *l, int64_t id, struct document_row *out);
/* ROW is as its tables have it. */
void row_cache_keep(struct ledger *l, const struct document_row *row);
/* AFTER is to be written; BEFORE is what row_load said. */
MUST_CHECK int row_cache_change(struct ledger *l, const struct document_row *before,
                                const struct document_row *after);
/* There are, or aren't, words of a failure by now. */
void row_cache_words(struct ledger *l, int64_t id, bool words);
void row_cache_drop(struct ledger *l, int64_t id); /* it is gone */

/* What is to be written, into the transaction. */
MUST_CHECK int row_cache_write(struct ledger *l);
/* Whether a row's column may be newer here than in its table. COLUMN NULL: any. */
bool row_cache_concerns(const char *table, const char *column);

#endif
