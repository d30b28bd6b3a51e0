/* retry_select.h - which documents and files a retry means: those of the states that it names, and
 * those of its PATHs. Chosen from the ledger at once, as it is when the retry is asked for. A PATH
 * that holds other bytes than the ledger knows is read as a new file: for that its file is looked
 * at, on the pool, for it may be large and its share may hang.
 *
 *   s = retry_select_new(c, ending, journal, true);
 *   code = retry_select_list(s, &what, &words);        0, or an exit code and why
 *   if (!retry_select_look(s, looked, ctx))            nothing to look at; else looked(ctx, s) comes
 *       looked(ctx, s);
 *   ... retry_select_take(s) says what it is; retry_select_free(s), even while it is looked at */
#ifndef MB_BATCH_RETRY_SELECT_H
#define MB_BATCH_RETRY_SELECT_H

#include "batch/ending.h"
#include "batch/journal.h"

struct retry_select;

struct retry_selection {
    int64_t *ids; /* documents, each once, in the order of their numbers */
    size_t count, capacity;
    struct intake_entry *entries; /* files to be read anew; path and name are theirs */
    size_t entry_count, entry_capacity;
};

/* A document of that state is sent, or asked for, again. What was rejected is read again instead. */
bool retry_is_for(enum doc_state state);

/* ANY_SETTINGS: also what is of other settings than the run's. */
struct retry_select *retry_select_new(struct run_context *c, struct ending *ending,
                                      struct journal *journal, bool any_settings);
void retry_select_free(struct retry_select *s);

MUST_CHECK int retry_select_list(struct retry_select *s, const struct batch_retry *what,
                                 struct buffer *words);
bool retry_select_look(struct retry_select *s, void (*looked)(void *ctx, struct retry_select *s),
                       void *ctx);
/* What is taken out of it is the caller's. */
struct retry_selection *retry_select_take(struct retry_select *s);

#endif
