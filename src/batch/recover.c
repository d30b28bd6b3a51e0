/* See recover.h. */
#include "batch/recover.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "batch/notes.h"
#include "ledger/document_ledger.h"

#include <stdlib.h>

enum { AT_ONCE = 64, DOUBTS_AT_ONCE = 256 };

struct recover {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct pace *pace;
    bool jobs, doubts; /* an earlier run left more of them */
};

struct recover *recover_new(struct run_context *c, struct ending *ending, struct journal *journal,
                            struct flights *flights, struct pace *pace)
{
    struct recover *r = xcalloc(1, sizeof *r);
    r->context = c;
    r->ending = ending;
    r->journal = journal;
    r->flights = flights;
    r->pace = pace;
    return r;
}

void recover_free(struct recover *r)
{
    free(r);
}

/* Up to MAX documents of STATE become flights and get the EVENT. Returns how many. */
static int take_up(struct recover *r, enum doc_state state, enum doc_event_kind event, int max)
{
    struct ledger_document docs[AT_ONCE];
    struct news n = {.cause = "restart", .retry_after_ms = -1};
    int count = ledger_documents_in(r->context->ledger, state, flight_known, r->flights, docs,
                                    max < AT_ONCE ? max : AT_ONCE);
    if (!ending_wrote(r->ending, count))
        return 0;
    for (int i = 0; i < count; i++) {
        struct flight *f = flight_new(r->flights, &docs[i]);
        ledger_document_release(&docs[i]);
        f->taken_up = true;
        n.known = docs[i].failed; /* the run ended before its upload did */
        if (state == DOC_SUBMITTING)
            note_attempt_end(r->journal, f->id, f->attempt, ATTEMPT_IN_DOUBT, 0, n.cause);
        /* a result whose URL is gone: the job is asked for it again */
        bool no_url = state == DOC_READY && !f->result_url;
        flight_event(f, no_url ? EV_RESULT_GONE : event, &n);
    }
    return count;
}

static size_t room_for_jobs(const struct recover *r)
{
    size_t most = pace_job_capacity(r->pace, clock_mono(r->context->clock));
    size_t now = flights_with_jobs(r->flights);
    return now < most ? most - now : 0;
}

static bool room_for_doubts(const struct recover *r)
{
    return flights_count(r->flights, DOC_QUEUED) < DOUBTS_AT_ONCE;
}

static void take_up_jobs(struct recover *r)
{
    size_t room = room_for_jobs(r);
    int most = room < AT_ONCE ? (int)room : AT_ONCE;
    int taken = most ? take_up(r, DOC_READY, EV_RESTART, most) : 0;
    if (taken < most)
        taken += take_up(r, DOC_PROCESSING, EV_RESTART, most - taken);
    if (most && taken == 0)
        r->jobs = false;
}

/* Held by an earlier run under another policy. With webhooks they wait for one first. */
static void take_up_doubts(struct recover *r)
{
    bool waits = r->context->options->retry.in_doubt_wait_ms > 0;
    if (take_up(r, DOC_IN_DOUBT, waits ? EV_RESTART : EV_RESEND, AT_ONCE) == 0)
        r->doubts = false;
}

void recover_start(struct recover *r)
{
    bool resend = r->context->options->retry.resend_in_doubt;
    int doubts = 0, n;
    while ((n = take_up(r, DOC_SUBMITTING, EV_RESTART, AT_ONCE)) > 0)
        doubts += n;
    CRASH_POINT("doubts_taken_up");
    if (doubts)
        LOG(LOG_WARNING, "run.in_doubt", LOG_INT("documents", doubts),
            LOG_CODE("policy", resend ? "resend" : "hold"),
            LOG_STR("next", resend ? "they are sent again, which may cost their pages a second time"
                                   : "they are held: `retry --in-doubt` sends them again"));
    if (r->context->options->mode == RUN_RECEIVES) /* the next run asks for what isn't told */
        return;
    r->jobs = true;
    r->doubts = resend;
    recover_turn(r, clock_mono(r->context->clock));
}

void recover_turn(struct recover *r, struct mono now)
{
    (void)now;
    if (ending_has_begun(r->ending))
        return;
    if (r->jobs)
        take_up_jobs(r);
    if (r->doubts && room_for_doubts(r))
        take_up_doubts(r);
}

struct mono recover_next(struct recover *r, struct mono now)
{
    bool goes_on = (r->jobs && room_for_jobs(r) > 0) || (r->doubts && room_for_doubts(r));
    return goes_on && !ending_has_begun(r->ending) ? mono_add(now, 1) : MONO_NEVER;
}

bool recover_busy(const struct recover *r)
{
    return (r->jobs || r->doubts) && !ending_has_begun(r->ending);
}
