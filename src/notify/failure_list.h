/* failure_list.h - the documents that a notice names: the first few of those that came to a bad end
 * since somebody was told last, and how many there are. */
#ifndef MB_NOTIFY_FAILURE_LIST_H
#define MB_NOTIFY_FAILURE_LIST_H

#include "base/buffer.h"
#include "ledger/told.h"

enum { FAILURES_NAMED = 20 };

struct failure_list {
    struct failure_named {
        char *name, *path, *code, *detail;
        enum doc_state state;
    } named[FAILURES_NAMED];
    int64_t count;
};

/* Those after row AFTER of the history; to be released. */
MUST_CHECK int failure_list_read(struct failure_list *f, struct ledger *l, int64_t after);
void failure_list_add(struct failure_list *f, const struct ledger_failure *failure);
void failure_list_release(struct failure_list *f);

/* "3 of 5 documents aren't stored: a.pdf (encrypted), b.pdf (over 100 MB) and 1 more", with as many
 * names as fit into ROOM bytes. */
void failure_list_words(const struct failure_list *f, int64_t documents, size_t room,
                        struct buffer *out);

#endif
