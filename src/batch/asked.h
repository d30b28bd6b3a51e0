/* asked.h - what a request was made for. Its answer is about that attempt and that job, whatever
 * became of the document since: an answer for an older one may settle that one's record, and a
 * result is a result; it moves nothing else. */
#ifndef MB_BATCH_ASKED_H
#define MB_BATCH_ASKED_H

#include "batch/flight.h"
#include "ledger/document_ledger.h"

struct asked {
    struct flight *flight;
    int attempt;
    char job_id[LEDGER_JOB_ID_MAX];
};

/* As the flight is now, when the request leaves. */
void asked_for(struct asked *a, struct flight *f);
/* Another attempt, or another job, is the document's current one by now. */
bool asked_is_late(const struct asked *a);

#endif
