/* unread_files.h - files and directories that can't be read for now, for a reason that isn't theirs:
 * no documents, and beside the counts. As the last walk of their PATH saw them. */
#ifndef MB_LEDGER_UNREAD_FILES_H
#define MB_LEDGER_UNREAD_FILES_H

#include "ledger/ledger.h"

/* All with the turn's commit. WHY: the system's words. */
MUST_CHECK int ledger_unread_put(struct ledger *l, int64_t root_id, const char *path,
                                 const char *why);
MUST_CHECK int ledger_unread_clear(struct ledger *l, int64_t root_id);

MUST_CHECK int ledger_unread_count(struct ledger *l, int64_t *count);
/* In the order of their paths; FN returns non-zero to stop. */
MUST_CHECK int ledger_unread_list(struct ledger *l,
                                  int (*fn)(void *ctx, const char *path, const char *why),
                                  void *ctx);

#endif
