/* document_list.h - documents in the order they came, page by page: for a program that looks into a ledger of any size, a
 * little at a time. */
#ifndef MB_LEDGER_DOCUMENT_LIST_H
#define MB_LEDGER_DOCUMENT_LIST_H

#include "ledger/ledger.h"

enum ledger_dismissed { DISMISSED_TOO, DISMISSED_NOT, DISMISSED_ALONE };

struct ledger_document_ask {
    int64_t after, upto; /* documents above AFTER, up to UPTO: that is what it costs */
    unsigned states;     /* bits of enum doc_state; 0: any */
    enum ledger_dismissed dismissed;
    const char *text; /* that a path of it has, whatever the case of ASCII letters; "": any */
    int most;
};

struct ledger_document_line {
    int64_t id;
    enum doc_state state;
    struct wall dismissed; /* when; 0: it isn't */
    const char *path;      /* of its first file that counts, and has the text */
    int files;
    const char *code, *detail, *job_id; /* "" if none */
};

/* Those with a file that counts, in the order of their numbers. FN returns non-zero to stop. */
MUST_CHECK int ledger_list_documents(struct ledger *l, const struct ledger_document_ask *ask,
                                     int (*fn)(void *ctx, const struct ledger_document_line *line),
                                     void *ctx);
/* The highest number; 0: there is none. */
MUST_CHECK int ledger_newest_document(struct ledger *l, int64_t *id);

#endif
