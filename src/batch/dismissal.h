/* dismissal.h - which documents a person settles by hand, and how that is written down: the same
 * whether a command has the ledger or asks the run that has it. */
#ifndef MB_BATCH_DISMISSAL_H
#define MB_BATCH_DISMISSAL_H

#include "control/control_request.h"
#include "ledger/document_ledger.h"
#include "ledger/ledger.h"

struct dismissal {
    int64_t *ids; /* documents, each once */
    size_t count, capacity;
    struct buffer words; /* for people: why not, or what was done */
};

/* Looks up all that R means, so that a PATH which can't be dismissed leaves the others as they are.
 * 0, or an exit code and why; to be released, either way. */
MUST_CHECK int dismissal_select(struct dismissal *d, struct ledger *l,
                                const struct control_request *r);
void dismissal_release(struct dismissal *d);

/* The step that marks DOC; NOTE may be NULL. */
struct ledger_step dismissal_step(const struct ledger_document *doc, const char *note);

#endif
