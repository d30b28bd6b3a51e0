/* See document_words.h. */
#include "core/document_words.h"

const char *doc_event_words(enum doc_event_kind kind)
{
    static const char *const words[EV_COUNT] = {
        [EV_ADMIT] = "the upload began",
        [EV_NOT_SENT] = "the upload broke off: Mindee didn't get it",
        [EV_LIMITED] = "Mindee didn't take it for now: it is sent again later",
        [EV_FAULT] = "Mindee had a fault: it is sent again later",
        [EV_REFUSED] = "Mindee refused the document",
        [EV_RUN_STOPPED] = "the run stopped before this one's turn: it waits to be sent",
        [EV_ACCEPTED] = "Mindee took it",
        [EV_DOUBT] = "it was sent, and no answer came: whether Mindee took it isn't known",
        [EV_UNREADABLE] = "Mindee took it, but its answer can't be read",
        [EV_RESTART] = ("the run was cut off in the middle of its upload: whether Mindee took "
                        "it isn't known"),
        [EV_RESEND] = "it is sent again, and its pages may be charged twice",
        [EV_SOURCE_GONE] = "the file changed or went away before it was sent",
        [EV_REJECT] = "it was not sent",
        [EV_JOB_PROCESSING] = "Mindee is still reading it",
        [EV_JOB_READY] = "Mindee has read it",
        [EV_JOB_FAILED] = "Mindee couldn't read it (no charge)",
        [EV_JOB_FAULT] = "Mindee had a fault while reading it (no charge)",
        [EV_JOB_GONE] = "Mindee doesn't know it any more",
        [EV_ASK_AGAIN] = "Mindee gave no answer about it: it is asked again",
        [EV_RESULT] = "its result came and was stored",
        [EV_RESULT_INVALID] = "Mindee's answer isn't a result; what it sent is kept",
        [EV_RESULT_GONE] = "Mindee doesn't have its result any more",
        [EV_FOREIGN_URL] = "the address of its result isn't Mindee's: it wasn't fetched",
        [EV_GIVE_UP] = "Mindee took too long: it is asked again by the next run",
        [EV_RETRY] = "somebody asked to try it again",
        [EV_RESTORED] = "the ledger was restored from a backup: it is not sent again unasked",
        [EV_DISMISS] = "somebody settled it by hand",
    };
    return (unsigned)kind < EV_COUNT ? words[kind] : "something this version doesn't know";
}

const char *doc_state_words(enum doc_state state)
{
    static const char *const words[DOC_STATE_COUNT] = {
        [DOC_QUEUED] = "waiting to be sent",
        [DOC_SUBMITTING] = "being uploaded",
        [DOC_IN_DOUBT] = "in doubt",
        [DOC_PROCESSING] = "being read by Mindee",
        [DOC_READY] = "read by Mindee, its result is being fetched",
        [DOC_STORED] = "stored",
        [DOC_FAILED] = "failed",
        [DOC_REJECTED] = "rejected",
        [DOC_LOST] = "lost",
    };
    return (unsigned)state < DOC_STATE_COUNT ? words[state] : "in a state that can't be";
}
