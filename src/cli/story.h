/* story.h - one document's history as a person reads it: what became of it, what it cost, where its
 * result is, what can be done next, and then what happened, line by line. For `explain`. */
#ifndef MB_CLI_STORY_H
#define MB_CLI_STORY_H

#include "ledger/ledger.h"
#include "ledger/listing.h"

/* On standard output. 0, or ledger_error(). */
MUST_CHECK int story_print(struct ledger *l, const struct ledger_listing *row);

/* An answer's cause as the ledger keeps it ("http_429", "timeout") in words into OUT; "" where the
 * event says it all. What isn't known is given as it is: a person's note, or a code of Mindee's. */
enum { STORY_CAUSE_MAX = 160 };
const char *story_cause(const char *cause, char out[STORY_CAUSE_MAX]);

#endif
