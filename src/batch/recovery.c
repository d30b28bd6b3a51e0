/* Restart is the normal way in. What an earlier run left on its way is taken up again: an upload
 * whose answer nobody recorded is in doubt; a job is asked for, soonest to expire first; a result
 * whose GET was begun is fetched. */
#include "base/crash_point.h"
#include "base/log.h"
#include "batch/state.h"

enum { AT_ONCE = 64 };

static size_t room_for_jobs(const struct batch *b)
{
    uint32_t gets = b->options->get_per_minute;
    size_t most = gets ? (size_t)gets * JOBS_PER_GET : JOBS_WITHOUT_LIMIT,
           now = flights_with_jobs(b);
    return now < most ? most - now : 0;
}

/* Up to MAX documents of STATE become flights and get the EVENT (EV_COUNT: none). Returns how many.
 */
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

bool recovery_can_go_on(const struct batch *b)
{
    return b->recovering && room_for_jobs(b) > 0;
}

void recovery_turn(struct batch *b)
{
    if (!b->recovering || b->stopping)
        return;
    size_t room = room_for_jobs(b);
    if (room == 0)
        return;
    int most = room < AT_ONCE ? (int)room : AT_ONCE;
    int taken = take_up(b, DOC_READY, EV_RESTART, most);
    if (taken < most)
        taken += take_up(b, DOC_PROCESSING, EV_RESTART, most - taken);
    if (taken == 0)
        b->recovering = false;
}

void recovery_start(struct batch *b)
{
    int doubts = 0, n;
    while ((n = take_up(b, DOC_SUBMITTING, EV_RESTART, AT_ONCE)) > 0)
        doubts += n;
    if (b->options->retry.resend_in_doubt) /* held by an earlier run under another policy */
        while (take_up(b, DOC_IN_DOUBT, EV_RESEND, AT_ONCE) > 0)
            ;
    CRASH_POINT("doubts_taken_up");
    if (doubts)
        LOG(LOG_WARNING, "run.in_doubt", LOG_INT("documents", doubts),
            LOG_STR("policy", b->options->retry.resend_in_doubt ? "resend" : "hold"));
    b->recovering = true;
    recovery_turn(b);
}
