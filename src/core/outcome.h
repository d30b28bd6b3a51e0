/* outcome.h - from what came of a request to what it means: for the document, and for the service
 * as a whole. Two pure tables; the rule under "Doubt" of the design in code.
 *
 * A request is NOT_SENT, IN_DOUBT or ANSWERED; that was decided where the bytes were counted.
 * Here: what next. */
#ifndef MB_CORE_OUTCOME_H
#define MB_CORE_OUTCOME_H

#include "core/document.h"

enum request_kind { REQUEST_SUBMIT, REQUEST_POLL, REQUEST_FETCH };
enum delivery { DELIVERY_NOT_SENT, DELIVERY_IN_DOUBT, DELIVERY_ANSWERED };

struct outcome {
    enum request_kind kind;
    enum delivery delivery;
    int status;       /* HTTP; 0 if none */
    bool problem;     /* the body was an RFC 9457 problem: Mindee's own words, not a gateway's */
    bool body_ok;     /* the body is what this request asks for: a job with an id, an inference */
    bool foreign_url; /* the URL given was of another origin: nothing was sent */
    bool source_changed; /* the file isn't the one expected, or can't be read: nothing complete was
                            sent */
    bool cancelled;      /* by us, stopping */
    bool turned_away;    /* the server said that it didn't look at it: not sent */
    bool incomplete;     /* a status came, and then not the whole answer */
    enum { JOB_PROCESSING, JOB_READY, JOB_FAILED } job; /* REQUEST_POLL with body_ok */
    int job_error_status;                               /* of a failed job */
};

/* What happened to the document. */
enum doc_event_kind outcome_event(const struct outcome *o);

/* What it says about the service. */
enum breaker_sign {
    SIGN_NONE,    /* nothing: cancelled, our own file */
    SIGN_UP,      /* it works */
    SIGN_LIMITED, /* 429 */
    SIGN_BUSY, /* it is there, and turns away what comes just now: a restart, a full connection */
    SIGN_DOWN, /* no connection, broken, timeout, 5xx */
    SIGN_REFUSES, /* 401, 402, 403, unknown model: every document would get the same */
};
enum breaker_sign outcome_sign(const struct outcome *o);

#endif
