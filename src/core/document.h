/* document.h - a document's life, as one pure function over one table.
 *
 *   document_step(&doc, &event, &policy, now, &step);
 *
 * takes a document, what happened to it and the time; fills in its new state and what the driver
 * must do. No clock, no I/O, no memory. Every pair of state and event is either in the table or
 * refused, and tested.
 *
 *      ┌──────────────── again ───────────────────────┐
 *   queued ──▶ submitting ──202──▶ processing ──▶ ready ──▶ stored
 *     │            │ doubt             │            └─ gone ─▶ lost
 *     ▼            ▼                   ▼
 *   rejected    in_doubt             failed
 */
#ifndef MB_CORE_DOCUMENT_H
#define MB_CORE_DOCUMENT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

/* Stored in ledgers: never renumber. */
enum doc_state {
    DOC_QUEUED = 0,
    DOC_SUBMITTING = 1, /* intent durable, an upload is or was on its way */
    DOC_IN_DOUBT = 2,   /* sent, and its answer never came or can't be read */
    DOC_PROCESSING = 3, /* accepted: there is a job */
    DOC_READY = 4,      /* the job is done, its result is being fetched: intent durable */
    DOC_STORED = 5,
    DOC_FAILED = 6,
    DOC_REJECTED = 7, /* never sent, and never will be as it is */
    DOC_LOST = 8,     /* paid for, and its result can't be had any more */
    DOC_STATE_COUNT
};

extern const char *const doc_state_names[DOC_STATE_COUNT]; /* "queued", ... */

enum doc_event_kind {
    EV_ADMIT,          /* the driver has a slot for it: send */
    EV_NOT_SENT,       /* the upload never was complete */
    EV_LIMITED,        /* 429 */
    EV_FAULT,          /* answered by a fault of the service (5xx with Mindee's body, 503) */
    EV_REFUSED,        /* a 4xx about this file */
    EV_RUN_STOPPED,    /* a refusal that concerns the run (401, 402, 403, unknown model, canary) */
    EV_ACCEPTED,       /* 202 with a job id */
    EV_DOUBT,          /* sent, and no answer of Mindee's own */
    EV_RESTART,        /* found as submitting when a run began */
    EV_RESEND,         /* doubt's policy is resend, and its wait is over */
    EV_SOURCE_GONE,    /* no file holds its bytes any more, before it was sent */
    EV_REJECT,         /* can't be sent: type, size, encryption */
    EV_JOB_PROCESSING, /* poll: not yet */
    EV_JOB_READY,      /* poll: there is a result URL */
    EV_JOB_FAILED,     /* poll or webhook: the job failed for a reason in the document */
    EV_JOB_FAULT,      /* poll or webhook: the job failed by a fault of the service (5xx): free */
    EV_JOB_GONE,       /* poll: 404 */
    EV_ASK_AGAIN,      /* poll or fetch: 429, 5xx, broken, timeout: nothing learned */
    EV_RESULT,         /* fetch or webhook: a whole result */
    EV_RESULT_INVALID, /* fetch: a whole answer that is no result */
    EV_RESULT_GONE,    /* fetch: 404 */
    EV_FOREIGN_URL,    /* the job's result URL is of another origin, or unusable */
    EV_GIVE_UP,        /* polling.give_up_after is over */
    EV_RETRY,          /* the user asks again: retry */
    EV_UNREADABLE, /* 2xx, and no job id can be read in it: accepted, and nobody knows as what */
    EV_RESTORED, /* the ledger was restored from a backup: whether it was sent since, nobody knows */
    EV_DISMISS,  /* the user settles it by hand */
    EV_COUNT
};

extern const char *const doc_event_names[EV_COUNT]; /* "admit", ... for the audit trail */

enum {
    DOC_GONE_GRACE_MS = 60000,    /* a 404 to what was asked this soon after the 202 is a lagging
                                     replica: "not yet", however late it comes */
    DOC_INVALID_RESULT_TRIES = 3, /* whole answers that are no result, before the document fails */
    DOC_RESULT_GONE_WAIT_MS = 2000, /* a result's first 404: before the job is asked again */
    DOC_LAST_TRY_MS = 61000, /* the last attempt waits this long (at most retry.max_delay): retries
                                outlast the limit's window */
    DOC_ATTEMPTS_UNKNOWN = 1000000, /* more than any policy allows: only a person sends it again */
};

struct document {
    enum doc_state state;
    bool has_job; /* the current attempt has a job id, of a job that isn't known to have failed */
    bool
        unreadable; /* the current attempt was accepted by an answer that can't be read, or may have
                        been made after the backup that the ledger was restored from: only a person
                        sends it again, whatever the policy */
    bool asked_again; /* the result was 404 once, and the job is asked in between */
    int attempts; /* uploads that were answered by a fault, or accepted and failed by one; not 429,
                     not unsent */
    int asks_failed;     /* polls or fetches in a row that taught nothing */
    int invalid_results; /* whole answers that were no result */
    bool doubted;        /* an attempt of it may have been paid for, now or before: it is never
                            rejected as one that was never sent, and a new attempt counts */
    int resends; /* out of doubt, since a person asked for it last; each may have been paid for */
    int charged; /* attempts known to be accepted and not to have failed; may be left 0 for
                            what has_job and `stored` tell anyway */
    bool resend_if_gone; /* the user asked for a retry: if its job is gone or failed, send again */
    bool dismissed; /* settled by hand: never sent again, until the user asks for a retry or its
                       result comes after all */
    struct mono accepted_at; /* when its 202 came, by the best knowledge of a later run */
};

struct doc_event {
    enum doc_event_kind kind;
    bool late;  /* about an attempt that isn't the current (newest) one */
    bool known; /* its attempt was on record as accepted, done or failed before: a second
                   delivery of the same, no further charge */
    int64_t retry_after_ms; /* -1: not said */
    int64_t took_ms;        /* of a poll or fetch: how long its answer was on the way */
    double random;          /* [0, 1): jitter */
};

struct doc_policy {
    int max_attempts;         /* retry.max_attempts */
    int64_t first_delay_ms;   /* retry.first_delay */
    int64_t max_delay_ms;     /* retry.max_delay */
    bool resend_in_doubt;     /* retry.in_doubt */
    int max_resends;          /* retry.max_resends; then it is held */
    int64_t in_doubt_wait_ms; /* before a resend; 0 without webhooks */
};

/* What the driver does, after the ledger's commit. Besides, each event goes to the record of the
 * attempt that it is about, whatever the step is.
 *
 * EV_RUN_STOPPED is the answer to an upload, poll or fetch, or tells a waiting document that the
 * run ends; one in `submitting` gets it as its upload's answer alone. In `failed`, without a job,
 * it takes back what the canary decided was the run's fault: queued again.
 * An answer that was overtaken by a webhook (a poll's, when the result is there) is legal and
 * changes nothing. */
enum doc_action {
    DO_PERSIST =
        1 << 0, /* state and cause go into the ledger: every step but those that change nothing */
    DO_SUBMIT = 1 << 1,       /* upload now */
    DO_QUEUE = 1 << 2,        /* back into the queue, to go out after step.wait_ms */
    DO_QUEUE_HEAD = 1 << 3,   /* ... ahead of the others */
    DO_POLL = 1 << 4,         /* the planner says when; not before step.wait_ms */
    DO_FETCH = 1 << 5,        /* GET the result, after step.wait_ms */
    DO_STORE = 1 << 6,        /* result bytes into the same commit */
    DO_KEEP_BYTES = 1 << 7,   /* bytes that are no result: kept with the failure; with each such
                                 answer, as there may be no other */
    DO_RESEND_AFTER = 1 << 8, /* EV_RESEND after step.wait_ms, unless settled before */
    DO_FORGET = 1 << 9, /* out of flight: no memory of it is needed any more, once its request,
                           if one is on its way, has ended. A document overtaken in
                           `submitting` gets it with its upload's end */
    DO_COUNT_RESEND = 1 << 10,   /* it may be paid twice: count it */
    DO_UNCOUNT_RESEND = 1 << 11, /* what was counted isn't sent after all */

    /* Those that say what the document does next; the others only write something down. */
    DO_SOMETHING_NEXT = DO_SUBMIT | DO_QUEUE | DO_QUEUE_HEAD | DO_POLL | DO_FETCH | DO_STORE |
                        DO_RESEND_AFTER | DO_FORGET,
};

struct doc_step {
    bool legal;
    enum doc_state state;
    unsigned actions; /* doc_action bits */
    int64_t wait_ms;
    struct document next; /* the document after the step */
};

/* Fills in STEP; returns step->legal. An illegal pair changes nothing: next equals *doc. */
bool document_step(const struct document *doc, const struct doc_event *event,
                   const struct doc_policy *policy, struct mono now, struct doc_step *step);

bool doc_state_is_final(enum doc_state state); /* stored, failed, rejected, lost */
/* failed, rejected, lost, in doubt: there a dismissal counts. */
bool doc_state_can_be_dismissed(enum doc_state state);

#endif
