/* A document's life as a table: what happens in each state at each event, where it goes and what
 * the driver does, and for the pairs that depend on more a function that decides the rest. What
 * isn't in the table is refused.
 *
 * Three kinds of rows besides the ordinary ones:
 * - taken: what a webhook may bring at any time (a result, a job's failure) and a 202 may: the
 *   first result wins, in any state, and later ones are noted with their attempt;
 * - noted: an upload ends after its document was settled from elsewhere;
 * - overtaken: a poll or fetch answers after that; nothing happens.
 * Events about an older attempt (`late`) mean less: late_meanings says which still count.
 *
 * Invariants: `stored` is never left. Attempts never exceed the policy's. A document known to have
 * been paid for is queued again only with DO_COUNT_RESEND, and a doubtful one likewise, whoever
 * decides it. One that was accepted by an answer that can't be read is queued again by a person's
 * retry alone (or once a webhook says that its job failed). One that a restored ledger holds is
 * queued again by a person's retry alone: for that its attempts count as used up. So is one that a
 * person dismissed, whatever comes in between. */
#include "core/document.h"

#include "base/require.h"
#include "core/document_rules.h"

const char *const doc_state_names[DOC_STATE_COUNT] = {
    [DOC_QUEUED] = "queued",         [DOC_SUBMITTING] = "submitting", [DOC_IN_DOUBT] = "in_doubt",
    [DOC_PROCESSING] = "processing", [DOC_READY] = "ready",           [DOC_STORED] = "stored",
    [DOC_FAILED] = "failed",         [DOC_REJECTED] = "rejected",     [DOC_LOST] = "lost",
};

const char *const doc_event_names[EV_COUNT] = {
    [EV_ADMIT] = "admit",
    [EV_NOT_SENT] = "not_sent",
    [EV_LIMITED] = "limited",
    [EV_FAULT] = "fault",
    [EV_REFUSED] = "refused",
    [EV_RUN_STOPPED] = "run_stopped",
    [EV_ACCEPTED] = "accepted",
    [EV_DOUBT] = "doubt",
    [EV_RESTART] = "restart",
    [EV_RESEND] = "resend",
    [EV_SOURCE_GONE] = "source_gone",
    [EV_REJECT] = "reject",
    [EV_JOB_PROCESSING] = "job_processing",
    [EV_JOB_READY] = "job_ready",
    [EV_JOB_FAILED] = "job_failed",
    [EV_JOB_FAULT] = "job_fault",
    [EV_JOB_GONE] = "job_gone",
    [EV_ASK_AGAIN] = "ask_again",
    [EV_RESULT] = "result",
    [EV_RESULT_INVALID] = "result_invalid",
    [EV_RESULT_GONE] = "result_gone",
    [EV_FOREIGN_URL] = "foreign_url",
    [EV_GIVE_UP] = "give_up",
    [EV_RETRY] = "retry",
    [EV_UNREADABLE] = "unreadable",
    [EV_RESTORED] = "restored",
    [EV_DISMISS] = "dismiss",
};

bool doc_state_is_final(enum doc_state state)
{
    return state == DOC_STORED || state == DOC_FAILED || state == DOC_REJECTED || state == DOC_LOST;
}

bool doc_state_can_be_dismissed(enum doc_state state)
{
    return state == DOC_IN_DOUBT || (doc_state_is_final(state) && state != DOC_STORED);
}

/* --- the table --- */

struct row {
    bool legal;
    enum doc_state to;
    unsigned actions;
    doc_rule *decide; /* NULL: as it stands */
};

#define GO(to, actions)                                                                            \
    {                                                                                              \
        true, (to), (actions), NULL                                                                \
    }
#define DECIDE(to, actions, decide)                                                                \
    {                                                                                              \
        true, (to), (actions), (decide)                                                            \
    }

enum {
    SETTLE = DO_PERSIST | DO_FORGET,
    TAKE = DO_PERSIST | DO_STORE | DO_FORGET,
};

/* clang-format off */
#define OVERTAKEN(state, actions)                                                                  \
    [EV_JOB_PROCESSING] = GO(state, actions), [EV_JOB_READY] = GO(state, actions),                 \
    [EV_JOB_GONE] = GO(state, actions),       [EV_ASK_AGAIN] = GO(state, actions),                 \
    [EV_RESULT_INVALID] = GO(state, actions), [EV_RESULT_GONE] = GO(state, actions),               \
    [EV_FOREIGN_URL] = GO(state, actions),    [EV_GIVE_UP] = GO(state, actions)

/* Its own upload's end, which a webhook overtook. */
#define OVERTAKEN_UPLOADS(state)                                                                   \
    [EV_NOT_SENT] = GO(state, DO_FORGET), [EV_LIMITED] = GO(state, DO_FORGET),                     \
    [EV_FAULT] = GO(state, DO_FORGET),    [EV_REFUSED] = GO(state, DO_FORGET),                     \
    [EV_DOUBT] = GO(state, DO_FORGET),    [EV_SOURCE_GONE] = GO(state, DO_FORGET),                 \
    [EV_UNREADABLE] = GO(state, DO_FORGET)

static const struct row table[DOC_STATE_COUNT][EV_COUNT] = {
    [DOC_QUEUED] = {
        [EV_ADMIT]       = DECIDE(DOC_SUBMITTING, DO_PERSIST | DO_SUBMIT, doc_begin_attempt),
        [EV_RUN_STOPPED] = GO(DOC_QUEUED, DO_FORGET),
        [EV_SOURCE_GONE] = DECIDE(DOC_REJECTED, SETTLE, doc_source_gone),
        [EV_REJECT]      = GO(DOC_REJECTED, SETTLE),
        [EV_RESTORED]    = DECIDE(DOC_IN_DOUBT, SETTLE, doc_hold_restored),
        [EV_ACCEPTED]    = DECIDE(DOC_PROCESSING, DO_PERSIST | DO_POLL, doc_take_job),
        [EV_RESULT]      = DECIDE(DOC_STORED, TAKE, doc_count_charge),
        [EV_JOB_FAILED]  = DECIDE(DOC_FAILED, SETTLE, doc_job_failed_first),
        [EV_JOB_FAULT]   = GO(DOC_QUEUED, 0),
        OVERTAKEN(DOC_QUEUED, 0),
    },
    [DOC_SUBMITTING] = {
        [EV_NOT_SENT]    = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE, doc_back_off),
        [EV_LIMITED]     = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE | DO_QUEUE_HEAD, doc_back_off),
        [EV_FAULT]       = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE, doc_use_attempt),
        [EV_REFUSED]     = GO(DOC_FAILED, SETTLE),
        [EV_RUN_STOPPED] = GO(DOC_QUEUED, SETTLE),
        [EV_ACCEPTED]    = DECIDE(DOC_PROCESSING, DO_PERSIST | DO_POLL, doc_take_job),
        [EV_DOUBT]       = DECIDE(DOC_IN_DOUBT, DO_PERSIST, doc_doubt),
        [EV_UNREADABLE]  = DECIDE(DOC_IN_DOUBT, SETTLE, doc_hold),
        [EV_RESTART]     = DECIDE(DOC_IN_DOUBT, DO_PERSIST, doc_doubt),
        [EV_RESTORED]    = DECIDE(DOC_IN_DOUBT, SETTLE, doc_hold_restored),
        [EV_SOURCE_GONE] = DECIDE(DOC_REJECTED, SETTLE, doc_source_gone),
        [EV_RESULT]      = DECIDE(DOC_STORED, DO_PERSIST | DO_STORE, doc_count_charge),
        [EV_JOB_FAILED]  = DECIDE(DOC_FAILED, DO_PERSIST, doc_job_failed_first),
        [EV_JOB_FAULT]   = GO(DOC_SUBMITTING, 0),
    },
    [DOC_IN_DOUBT] = {
        [EV_RUN_STOPPED] = GO(DOC_IN_DOUBT, DO_FORGET),
        [EV_ACCEPTED]    = DECIDE(DOC_PROCESSING, DO_PERSIST | DO_POLL, doc_take_job),
        [EV_RESTART]     = DECIDE(DOC_IN_DOUBT, 0, doc_resend_or_hold),
        [EV_RESTORED]    = DECIDE(DOC_IN_DOUBT, SETTLE, doc_hold_restored),
        [EV_RESEND]      = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE | DO_COUNT_RESEND, doc_resend),
        [EV_RESULT]      = DECIDE(DOC_STORED, TAKE, doc_count_charge),
        [EV_JOB_FAILED]  = DECIDE(DOC_FAILED, SETTLE, doc_job_failed_first),
        [EV_JOB_FAULT]   = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE, doc_job_fault_first),
        [EV_RETRY]       = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE | DO_COUNT_RESEND, doc_retry),
        [EV_DISMISS]     = DECIDE(DOC_IN_DOUBT, SETTLE, doc_dismiss),
        OVERTAKEN(DOC_IN_DOUBT, 0),
    },
    [DOC_PROCESSING] = {
        [EV_RUN_STOPPED]    = GO(DOC_PROCESSING, DO_FORGET),
        [EV_RESTART]        = GO(DOC_PROCESSING, DO_POLL),
        [EV_RESTORED]       = DECIDE(DOC_PROCESSING, SETTLE, doc_attempts_unknown),
        [EV_JOB_PROCESSING] = DECIDE(DOC_PROCESSING, DO_POLL, doc_still_processing),
        [EV_JOB_READY]      = DECIDE(DOC_READY, DO_PERSIST | DO_FETCH, doc_still_processing),
        [EV_JOB_FAILED]     = DECIDE(DOC_FAILED, SETTLE, doc_job_failed),
        [EV_JOB_FAULT]      = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE, doc_job_fault),
        [EV_JOB_GONE]       = DECIDE(DOC_PROCESSING, DO_POLL, doc_job_gone),
        [EV_ASK_AGAIN]      = DECIDE(DOC_PROCESSING, DO_POLL, doc_back_off),
        [EV_RESULT]         = DECIDE(DOC_STORED, TAKE, doc_count_charge),
        [EV_FOREIGN_URL]    = GO(DOC_FAILED, SETTLE),
        [EV_GIVE_UP]        = GO(DOC_PROCESSING, DO_FORGET),
    },
    [DOC_READY] = {
        [EV_RUN_STOPPED]    = GO(DOC_READY, DO_FORGET),
        [EV_RESTART]        = GO(DOC_READY, DO_FETCH),
        [EV_RESTORED]       = DECIDE(DOC_READY, SETTLE, doc_attempts_unknown),
        [EV_JOB_FAILED]     = GO(DOC_READY, 0), /* the fetch decides */
        [EV_JOB_FAULT]      = GO(DOC_READY, 0),
        [EV_ASK_AGAIN]      = DECIDE(DOC_READY, DO_FETCH, doc_back_off),
        [EV_RESULT]         = DECIDE(DOC_STORED, TAKE, doc_count_charge),
        [EV_RESULT_INVALID] = DECIDE(DOC_READY, DO_PERSIST | DO_KEEP_BYTES | DO_FETCH,
                                     doc_result_invalid),
        [EV_RESULT_GONE]    = DECIDE(DOC_PROCESSING, DO_PERSIST | DO_POLL, doc_result_gone),
        [EV_FOREIGN_URL]    = GO(DOC_FAILED, SETTLE),
        [EV_GIVE_UP]        = GO(DOC_READY, DO_FORGET),
    },
    [DOC_STORED] = {
        OVERTAKEN_UPLOADS(DOC_STORED),
        [EV_RUN_STOPPED] = GO(DOC_STORED, DO_FORGET),
        [EV_ACCEPTED]    = DECIDE(DOC_STORED, DO_FORGET, doc_count_charge),
        [EV_RESULT]      = DECIDE(DOC_STORED, DO_FORGET, doc_count_charge),
        [EV_JOB_FAILED]  = GO(DOC_STORED, DO_FORGET),
        [EV_JOB_FAULT]   = GO(DOC_STORED, DO_FORGET),
        OVERTAKEN(DOC_STORED, DO_FORGET),
    },
    [DOC_FAILED] = {
        OVERTAKEN_UPLOADS(DOC_FAILED),
        [EV_RUN_STOPPED] = DECIDE(DOC_QUEUED, SETTLE, doc_take_back),
        [EV_ACCEPTED]    = DECIDE(DOC_PROCESSING, DO_PERSIST | DO_POLL, doc_take_job_after_all),
        [EV_RESULT]      = DECIDE(DOC_STORED, TAKE, doc_count_charge),
        [EV_JOB_FAILED]  = DECIDE(DOC_FAILED, DO_FORGET, doc_drop_failed_job),
        [EV_JOB_FAULT]   = DECIDE(DOC_FAILED, DO_FORGET, doc_drop_failed_job),
        [EV_RETRY]       = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE, doc_retry),
        [EV_DISMISS]     = DECIDE(DOC_FAILED, SETTLE, doc_dismiss),
        OVERTAKEN(DOC_FAILED, DO_FORGET),
    },
    [DOC_REJECTED] = {
        [EV_RUN_STOPPED] = GO(DOC_REJECTED, DO_FORGET),
        [EV_ACCEPTED]    = DECIDE(DOC_PROCESSING, DO_PERSIST | DO_POLL, doc_take_job_after_all),
        [EV_RESULT]      = DECIDE(DOC_STORED, TAKE, doc_count_charge),
        [EV_JOB_FAILED]  = GO(DOC_REJECTED, DO_FORGET),
        [EV_JOB_FAULT]   = GO(DOC_REJECTED, DO_FORGET),
        [EV_RETRY]       = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE, doc_retry),
        [EV_DISMISS]     = DECIDE(DOC_REJECTED, SETTLE, doc_dismiss),
        OVERTAKEN(DOC_REJECTED, DO_FORGET),
    },
    [DOC_LOST] = {
        [EV_RUN_STOPPED] = GO(DOC_LOST, DO_FORGET),
        [EV_ACCEPTED]    = DECIDE(DOC_LOST, DO_FORGET, doc_count_charge),
        [EV_RESULT]      = DECIDE(DOC_STORED, TAKE, doc_count_charge),
        [EV_JOB_FAILED]  = DECIDE(DOC_LOST, DO_FORGET, doc_drop_failed_job),
        [EV_JOB_FAULT]   = DECIDE(DOC_LOST, DO_FORGET, doc_drop_failed_job),
        [EV_RETRY]       = DECIDE(DOC_QUEUED, DO_PERSIST | DO_QUEUE | DO_COUNT_RESEND, doc_retry),
        [EV_DISMISS]     = DECIDE(DOC_LOST, SETTLE, doc_dismiss),
        OVERTAKEN(DOC_LOST, DO_FORGET),
    },
};

/* What an event about an older attempt still means. */
enum late_meaning {
    LATE_REFUSED = 0, /* nonsense */
    LATE_LEGAL,       /* nothing, but for that attempt's record */
    LATE_CHARGED,     /* it was paid for */
    LATE_COUNTS,      /* as in the table */
};

static const enum late_meaning late_meanings[EV_COUNT] = {
    [EV_NOT_SENT] = LATE_LEGAL,       [EV_LIMITED] = LATE_LEGAL,
    [EV_FAULT] = LATE_LEGAL,          [EV_REFUSED] = LATE_LEGAL,
    [EV_RUN_STOPPED] = LATE_LEGAL,    [EV_ACCEPTED] = LATE_CHARGED,
    [EV_DOUBT] = LATE_LEGAL,          [EV_JOB_PROCESSING] = LATE_LEGAL,
    [EV_JOB_READY] = LATE_LEGAL,      [EV_JOB_FAILED] = LATE_COUNTS,
    [EV_JOB_FAULT] = LATE_LEGAL,      [EV_JOB_GONE] = LATE_LEGAL,
    [EV_ASK_AGAIN] = LATE_LEGAL,      [EV_RESULT] = LATE_COUNTS,
    [EV_RESULT_INVALID] = LATE_LEGAL, [EV_RESULT_GONE] = LATE_LEGAL,
    [EV_FOREIGN_URL] = LATE_LEGAL,    [EV_GIVE_UP] = LATE_LEGAL,
    [EV_UNREADABLE] = LATE_LEGAL,
};
/* clang-format on */

static struct row find_row(enum doc_state state, const struct doc_event *event)
{
    if (!event->late)
        return table[state][event->kind];

    unsigned done = doc_state_is_final(state) ? DO_FORGET : 0;
    switch (late_meanings[event->kind]) {
    case LATE_REFUSED:
        break;
    case LATE_LEGAL:
        return (struct row)GO(state, done);
    case LATE_CHARGED:
        return (struct row)DECIDE(state, done, doc_count_charge);
    case LATE_COUNTS:
        return table[state][event->kind];
    }
    return (struct row){.legal = false};
}

static bool is_to_be_sent(enum doc_state state)
{
    return state == DOC_QUEUED || state == DOC_SUBMITTING;
}

/* Whether a new upload, if one was planned, doesn't happen: its document leaves the queue for
 * another reason, or the upload ended, perhaps before its last byte, and there will be no other. */
static bool withdraws_upload(const struct document *doc, const struct doc_event *event,
                             enum doc_state to)
{
    bool unsent = event->kind == EV_NOT_SENT || event->kind == EV_SOURCE_GONE ||
                  event->kind == EV_REFUSED ||
                  (event->kind == EV_RUN_STOPPED && doc->doubted && doc_state_is_final(doc->state));
    return !is_to_be_sent(to) && (doc->state == DOC_QUEUED || (unsent && !event->late));
}

bool document_step(const struct document *doc, const struct doc_event *event,
                   const struct doc_policy *policy, struct mono now, struct doc_step *step)
{
    REQUIRE((unsigned)doc->state < DOC_STATE_COUNT && (unsigned)event->kind < EV_COUNT);

    struct row row = find_row(doc->state, event);
    *step = (struct doc_step){.legal = row.legal, .state = doc->state, .next = *doc};
    if (!row.legal)
        return false;

    doc_go(step, row.to, row.actions);
    struct doc_case context = {.doc = doc, .event = event, .policy = policy, .now = now};
    if (row.decide)
        row.decide(step, &context);
    step->next.state = step->state;
    step->next.dismissed = step->next.dismissed && step->state != DOC_STORED;
    if (withdraws_upload(doc, event, step->state))
        step->actions |= DO_UNCOUNT_RESEND;
    return true;
}
