/* Restart is the normal way in. What an earlier run left on its way is taken up again: an upload
 * whose answer nobody recorded is in doubt; a job is asked for, soonest to expire first; a result
 * whose GET was begun is fetched. */
#include "base/crash_point.h"
#include "base/log.h"
#include "batch/state.h"

enum { AT_ONCE = 64, DOUBTS_AT_ONCE = 256 };

/* Up to MAX documents of STATE become flights and get the EVENT. Returns how many. */
static int take_up(struct batch *b, enum doc_state state, enum doc_event_kind event, int max)
{
    struct ledger_document docs[AT_ONCE];
    struct news n = {.cause = "restart", .retry_after_ms = -1};
    int count =
        ledger_documents_in(b->ledger, state, flight_known, b, docs, max < AT_ONCE ? max : AT_ONCE);
    if (count < 0) {
        batch_storage_failed(b);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        struct flight *f = flight_new(b, &docs[i]);
        ledger_document_release(&docs[i]);
        f->taken_up = true;
        if (state == DOC_SUBMITTING)
            journal_attempt_end(b, f->id, f->attempt, ATTEMPT_IN_DOUBT, 0, n.cause);
        /* a result whose URL is gone: the job is asked for it again */
        bool no_url = state == DOC_READY && !f->result_url;
        flight_event(f, no_url ? EV_RESULT_GONE : event, &n);
    }
    return count;
}

static bool room_for_doubts(const struct batch *b)
{
    return b->states[DOC_QUEUED].count < DOUBTS_AT_ONCE;
}

bool recovery_can_go_on(struct batch *b)
{
    return (b->recovering_jobs && flights_room_for_jobs(b) > 0) ||
           (b->recovering_doubts && room_for_doubts(b));
}

static void take_up_jobs(struct batch *b)
{
    size_t room = flights_room_for_jobs(b);
    int most = room < AT_ONCE ? (int)room : AT_ONCE;
    int taken = most ? take_up(b, DOC_READY, EV_RESTART, most) : 0;
    if (taken < most)
        taken += take_up(b, DOC_PROCESSING, EV_RESTART, most - taken);
    if (most && taken == 0)
        b->recovering_jobs = false;
}

enum doc_event_kind recovery_of_doubt(const struct batch *b)
{
    return b->options->retry.in_doubt_wait_ms > 0 ? EV_RESTART : EV_RESEND;
}

void recovery_turn(struct batch *b)
{
    if (b->recovering_jobs)
        take_up_jobs(b);
    /* held by an earlier run under another policy */
    if (b->recovering_doubts && room_for_doubts(b) &&
        take_up(b, DOC_IN_DOUBT, recovery_of_doubt(b), AT_ONCE) == 0)
        b->recovering_doubts = false;
}

void recovery_start(struct batch *b)
{
    int doubts = 0, n;
    while ((n = take_up(b, DOC_SUBMITTING, EV_RESTART, AT_ONCE)) > 0)
        doubts += n;
    CRASH_POINT("doubts_taken_up");
    if (doubts)
        LOG(LOG_WARNING, "run.in_doubt", LOG_INT("documents", doubts),
            LOG_STR("policy", b->options->retry.resend_in_doubt ? "resend" : "hold"));
    b->doubt_until = mono_add(clock_mono(b->clock), b->options->retry.in_doubt_wait_ms);
    b->recovering_jobs = true;
    b->recovering_doubts = b->options->retry.resend_in_doubt;
    recovery_turn(b);
}
