/* names.h - what files.c, roots.c and upgrade.c need of the names (file_names.h). Private. */
#ifndef MB_LEDGER_NAMES_H
#define MB_LEDGER_NAMES_H

#include "ledger/file_book.h"
#include "ledger/file_names.h"
#include "ledger/private.h"

/* Stored, as a file's `pending`: never renumber. */
enum pending_name {
    PENDING_TAKEN = 1,        /* another file has the name */
    PENDING_BEHIND_MOVED = 2, /* and it may be moved to where that was moved */
};

/* The lowest free name with a number; TO_MOVE: that no move directory holds either. Into an empty
 * OUT. */
MUST_CHECK int names_numbered(struct ledger *l, const char *base, bool to_move, struct buffer *out);
MUST_CHECK int names_replaced(struct ledger *l, const char *base, struct buffer *out);
MUST_CHECK int names_set(struct ledger *l, int64_t file_id, const char *name);
/* A name was given up. */
MUST_CHECK int names_freed(struct ledger *l);

#endif
