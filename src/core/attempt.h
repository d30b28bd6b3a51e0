/* attempt.h - one upload of a document, and what is known of it: the words of its record, and how
 * they follow each other. Pure, and shared by the ledger, the run and the explorer (tests/sim). */
#ifndef MB_CORE_ATTEMPT_H
#define MB_CORE_ATTEMPT_H

#include "core/document.h"

/* Stored in ledgers: never renumber. */
enum attempt_outcome {
    ATTEMPT_OPEN = 0, /* intended; after a crash: in doubt */
    ATTEMPT_NOT_SENT = 1,
    ATTEMPT_ANSWERED = 2, /* and not accepted */
    ATTEMPT_IN_DOUBT = 3,
    ATTEMPT_ACCEPTED = 4, /* there is a job */
    ATTEMPT_JOB_DONE = 5,
    ATTEMPT_JOB_FAILED = 6, /* free */
    ATTEMPT_UNREADABLE = 7, /* in doubt: accepted, by an answer in which no job id can be read */
    ATTEMPT_FORGOTTEN = 8,  /* in doubt: it may have been made after the backup that this ledger was
                               restored from */
};

/* Mindee took it, and said so: accepted, done or failed. */
bool attempt_is_known(enum attempt_outcome outcome);
/* It may have been paid for, and nobody knows. */
bool attempt_is_in_doubt(enum attempt_outcome outcome);
/* It cost nothing: not sent, refused, or its job failed. */
bool attempt_is_free(enum attempt_outcome outcome);
/* The outcome on record once NOW is reported: what is known of a job isn't unlearned. A webhook may
 * be faster than its upload's own end, whatever that end is. */
enum attempt_outcome attempt_learn(enum attempt_outcome was, enum attempt_outcome now);
/* What an upload's end, but for a 202, says of its attempt. */
enum attempt_outcome attempt_of_upload(enum doc_event_kind kind);
/* The event that a webhook is: of a result, or of a failure with the STATUS it names. */
enum doc_event_kind attempt_webhook_event(bool failed, int status);

#endif
