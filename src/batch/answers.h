/* answers.h - what every kind of answer has in common: from Mindee's response to an event of the
 * document, a sign of the service's health, and words. What the answer of one kind says besides is
 * upload.c's, poll.c's and fetch.c's to know. */
#ifndef MB_BATCH_ANSWERS_H
#define MB_BATCH_ANSWERS_H

#include "batch/flight.h"
#include "batch/pace.h"

struct answers;

struct answers *answers_new(struct ending *ending, struct pace *pace);
void answers_free(struct answers *a);

/* The facts that are the same for every kind of request; the caller adds its own. */
struct outcome answer_facts(enum request_kind kind, const struct mindee_response *r);

enum { ANSWER_CAUSE_MAX = 64 };

/* The event it is for the document. Fills in NEWS, whose texts live as long as R and CAUSE. The run
 * ends if Mindee refuses all of it (401, 402, 403, an unknown model). */
enum doc_event_kind answer_read(struct answers *a, const struct outcome *o,
                                const struct mindee_response *r, struct news *news,
                                char cause[ANSWER_CAUSE_MAX]);

#endif
