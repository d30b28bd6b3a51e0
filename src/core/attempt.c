/* See attempt.h. */
#include "core/attempt.h"

bool attempt_is_known(enum attempt_outcome outcome)
{
    return outcome == ATTEMPT_ACCEPTED || outcome == ATTEMPT_JOB_DONE ||
           outcome == ATTEMPT_JOB_FAILED;
}

bool attempt_is_in_doubt(enum attempt_outcome outcome)
{
    return outcome == ATTEMPT_IN_DOUBT || outcome == ATTEMPT_UNREADABLE ||
           outcome == ATTEMPT_FORGOTTEN;
}

bool attempt_is_free(enum attempt_outcome outcome)
{
    return outcome == ATTEMPT_NOT_SENT || outcome == ATTEMPT_ANSWERED ||
           outcome == ATTEMPT_JOB_FAILED;
}

enum attempt_outcome attempt_learn(enum attempt_outcome was, enum attempt_outcome now)
{
    bool is_over = was == ATTEMPT_JOB_DONE || was == ATTEMPT_JOB_FAILED;
    bool says_more = now == ATTEMPT_JOB_DONE || now == ATTEMPT_JOB_FAILED;
    return says_more || !(is_over || (attempt_is_known(was) && !attempt_is_known(now))) ? now : was;
}

enum attempt_outcome attempt_of_upload(enum doc_event_kind kind)
{
    switch (kind) {
    case EV_NOT_SENT:
    case EV_SOURCE_GONE:
        return ATTEMPT_NOT_SENT;
    case EV_DOUBT:
        return ATTEMPT_IN_DOUBT;
    case EV_UNREADABLE:
        return ATTEMPT_UNREADABLE;
    default:
        return ATTEMPT_ANSWERED;
    }
}

enum doc_event_kind attempt_webhook_event(bool failed, int status)
{
    if (!failed)
        return EV_RESULT;
    return status >= 500 ? EV_JOB_FAULT : EV_JOB_FAILED;
}
