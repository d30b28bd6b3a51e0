/* See served_batch_end.h. The end of a run: its reports, the period's row, what somebody should
 * hear of it, and what comes next.
 *
 * A scheduled run that was stopped leaves its row at "running": the next start goes on. One that
 * ended before its end by itself (5: a full disk, jobs still processing) goes on after a while, a few
 * times, but for one that a budget stopped (served_batch_budget.h); then its period is over with that
 * code, and so it is at once where Mindee refuses. */
#include "service/served_batch_end.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "ledger/periods.h"
#include "results/failures.h"
#include "results/summary.h"
#include "service/served_batch_budget.h"
#include "service/served_batch_receive.h"
#include "service/served_batch_run.h"
#include "service/served_batch_work.h"

#include <string.h>

enum {
    RESUME_MS = 15 * 60 * 1000, /* until a run that can go on does */
    RESUMES = 4,
};

static bool at_rest(const struct batch_progress *p)
{
    return !p->walking && !p->resends && p->uploads_out == 0 && p->jobs == 0 &&
           p->by_state[DOC_QUEUED] == 0;
}

/* What comes into a watched folder now belongs to it; "": to none. */
static const char *period_of_folder(struct served_batch *s)
{
    bool watched = s->options.mode == RUN_STAYS && s->options.period_of;
    return watched ? cutoff_period(&s->cutoff, served_batch_wall(s)) : "";
}

static int write_reports(struct served_batch *s, struct error *e)
{
    struct summary numbers;
    struct ledger *l = batch_ledger(s->batch);
    int rc = summary_read(&numbers, l, e);
    const char *period = period_of_folder(s);
    numbers.review = s->review;
    if (rc == 0 && *period)
        rc = summary_of_period(&numbers, l, period, e);
    if (rc == 0)
        rc = summary_write(&numbers, s->options.output, e);
    CRASH_POINT("summary_written");
    if (rc == 0)
        rc = failures_write(l, s->options.output, &s->options.csv, e);
    CRASH_POINT("failures_written");
    if (rc < 0)
        LOG(LOG_WARNING, "serve.report_failed", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", e->text));
    return rc;
}

/* No document is on its way, or will be when the same batch runs again; BAD: some aren't stored. */
static bool nothing_open(struct served_batch *s, bool *bad)
{
    struct ledger_counts c;
    struct ledger *l = batch_ledger(s->batch);
    if (ledger_error(l)->code || ledger_counts(l, &c) < 0)
        return false;
    *bad = c.by_state[DOC_FAILED] + c.by_state[DOC_REJECTED] + c.by_state[DOC_LOST] +
               c.by_state[DOC_IN_DOUBT] >
           0;
    int64_t open = c.by_state[DOC_QUEUED] + c.by_state[DOC_SUBMITTING] +
                   c.by_state[DOC_PROCESSING] + c.by_state[DOC_READY];
    if (s->options.retry.resend_in_doubt)
        open += c.by_state[DOC_IN_DOUBT];
    return open == 0;
}

static bool is_scheduled(const struct served_batch *s)
{
    return s->options.mode == RUN_SCHEDULED;
}

/* For one that stays, being stopped is the end it was made for. */
static int code_of_run(struct served_batch *s)
{
    int code = batch_exit_code(s->batch);
    bool stopped = !is_scheduled(s) && (s->state == SERVED_STOPPING || s->state == SERVED_DRAINING);
    bool bad = false;
    if (stopped && code == EXIT_RESUMABLE && nothing_open(s, &bad))
        code = bad ? EXIT_SOME_FAILED : EXIT_ALL_STORED;
    return code;
}

static void end_period(struct served_batch *s, int code)
{
    struct ledger *l = batch_ledger(s->batch);
    struct agenda a = served_batch_agenda(s);
    int rc = ledger_period_end(l, s->due.rule, s->due.period, code);
    if (rc == 0 && s->running_on->skip_overlap)
        rc = agenda_skip(&a, l, s->began_at, served_batch_wall(s));
    if (rc >= 0)
        rc = ledger_commit(l);
    CRASH_POINT("period_ended");
    if (rc < 0)
        LOG(LOG_ERROR, "period.end_unrecorded", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("period", s->due.period), LOG_STR("cause", ledger_error(l)->text),
            LOG_STR("next", "its run goes on, and finds nothing left to do"));
}

static void tell_end(struct served_batch *s, enum service_notice_kind kind, int code)
{
    const char *reason = batch_reason(s->batch);
    notifier_run_ended(served_batch_notifier(s), code, code == EXIT_ALL_STORED ? "" : reason);
    service_notice(&(struct service_notice){
        .kind = kind,
        .entry = s->running_on,
        .due = is_scheduled(s) ? &s->due : NULL,
        .exit_code = code,
        .text = *reason && code != EXIT_ALL_STORED ? reason
                : code == EXIT_ALL_STORED          ? "every document is stored"
                                          : "some documents are not stored: see failures.csv"});
}

/* By whoever stopped the service: no news for the log, but the end of a run to others. */
static void tell_stopped(struct served_batch *s, int code)
{
    notifier_run_ended(served_batch_notifier(s), code,
                       code <= EXIT_SOME_FAILED ? "" : batch_reason(s->batch));
}

/* A budget stopped it, and nothing else is to be done for it. */
static bool waits_for_a_person(struct served_batch *s)
{
    bool held = false;
    return *batch_budget_reason(s->batch) && (served_batch_is_held(s, &held) < 0 || held);
}

static void say_held(struct served_batch *s)
{
    s->budget_told = true;
    LOG(LOG_WARNING, "period.held", LOG_STR("batch", served_batch_name(s)),
        LOG_STR("period", s->due.period),
        LOG_STR("next", s->options.watch.enabled
                            ? "it goes on when the budget is raised (and SIGHUP); the next "
                              "scheduled run begins a new count"
                            : "it goes on when the budget is raised (and SIGHUP), or by "
                              "`mindee-batch run --budget-again`; the next scheduled run begins a "
                              "new count"));
}

/* A scheduled run that can go on leaves its row at "running"; one that stayed, and is alone, leaves
 * nothing to come. */
static enum served_batch_event event_of_end(struct served_batch *s, int code)
{
    if (is_scheduled(s)) {
        bool may = s->stopping || s->resumes < RESUMES;
        if (code == EXIT_RESUMABLE && waits_for_a_person(s))
            return SERVED_RUN_HELD;
        return code == EXIT_RESUMABLE && may ? SERVED_RUN_INTERRUPTED : SERVED_RUN_ENDED;
    }
    return s->entry->calendar || !s->host->alone ? SERVED_STAY_ENDED : SERVED_ALONE_ENDED;
}

/* What came due while it ran, or comes due until it is opened again, waits. */
static void note_waiting(struct served_batch *s)
{
    if (is_scheduled(s)) {
        if (!s->waited_from.ms || s->waited_from.ms > s->began_at.ms)
            s->waited_from = s->began_at;
    } else if (s->entry->calendar && !s->waited_from.ms) {
        s->waited_from = s->checked_until;
    }
}

/* Told before its period is ended: killed in between, the run goes on and is told once more, never
 * not at all. */
static void tell(struct served_batch *s, unsigned actions, enum served_batch_event event, int code)
{
    bool well = event == SERVED_RUN_ENDED && code <= EXIT_SOME_FAILED;
    if (actions & SERVED_DO_TELL)
        tell_end(s, well ? NOTICE_END : NOTICE_TROUBLE, code);
    if (actions & SERVED_DO_TELL_STOPPED)
        tell_stopped(s, code);
}

static void rest(struct served_batch *s, unsigned actions)
{
    if (actions & SERVED_DO_REST_LATER && is_scheduled(s)) {
        s->resumes++;
        LOG(LOG_WARNING, "period.goes_on", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("period", s->due.period), LOG_MS("wait", RESUME_MS));
    }
    if (actions & (SERVED_DO_REST | SERVED_DO_REST_LATER))
        served_batch_rest(s, actions & SERVED_DO_REST_LATER ? RESUME_MS : 0);
}

static unsigned see_to_end(struct served_batch *s)
{
    int code = s->end.code;
    bool drained = s->state == SERVED_DRAINING;
    LOG(LOG_INFO, "run.end", LOG_STR("batch", served_batch_name(s)),
        LOG_STR("period", is_scheduled(s) ? s->due.period : NULL), LOG_INT("exit", code),
        LOG_STR("reason", code <= EXIT_SOME_FAILED || drained ? NULL : batch_reason(s->batch)));
    s->exit_code = s->seen.last_exit = code;
    s->seen.has_ended = true;
    enum served_batch_event event = event_of_end(s, code);
    unsigned actions = served_batch_happens(s, event);
    if (is_scheduled(s) || actions & SERVED_DO_REST_LATER)
        note_waiting(s);
    tell(s, actions, event, code);
    if (event == SERVED_RUN_HELD)
        say_held(s);
    if (actions & SERVED_DO_END_PERIOD)
        end_period(s, code);
    rest(s, actions);
    return actions;
}

static void go_on(struct served_batch *s)
{
    s->host->poke(s->host->ctx);
}

/* What needs a person is found first, on a thread. Whether nobody looks for it. */
static bool is_reviewed(struct served_batch *s)
{
    s->end.step = END_REVIEWED;
    s->end.code = code_of_run(s);
    return !served_batch_review(s, s->end.code, go_on);
}

/* Then its numbers are written, and its page, on a thread again. Whether nobody makes one. */
static bool is_reported(struct served_batch *s)
{
    struct error e;
    s->end.step = END_REPORTED;
    if (write_reports(s, &e) == 0)
        return !served_batch_page(s, go_on);
    if (s->end.code <= EXIT_SOME_FAILED)
        s->end.code = exit_code_of(&e);
    return true;
}

/* Whether all is told that the run has come to: each step once, and the next one when it is done. */
static bool is_told(struct served_batch *s)
{
    if (s->work)
        return false;
    if (s->end.step == END_NEW && !is_reviewed(s))
        return false;
    return s->end.step == END_REPORTED || is_reported(s);
}

void served_batch_run_ended(struct served_batch *s)
{
    struct error e;
    unsigned actions;
    if (s->options.mode == RUN_RECEIVES) {
        if (s->work)
            return;
        (void)write_reports(s, &e); /* said there; the next run writes them too */
        actions = served_batch_received(s);
    } else {
        if (!is_told(s))
            return;
        actions = see_to_end(s);
    }
    s->ended = false;
    s->end.step = END_NEW;
    if (actions & SERVED_DO_CLOSE) /* else its ledger is wanted until word of the end is out */
        served_batch_close(s);
}

void served_batch_look(struct served_batch *s)
{
    enum { AGAIN_MS = 1000 };
    struct batch_progress p;
    struct mono now = loop_now(s->host->loop);
    if (s->state != SERVED_STAYING || s->ended || s->stopping || !s->look_at.ms ||
        !mono_reached(now, s->look_at))
        return;
    batch_progress(s->batch, &p);
    bool all = at_rest(&p) && !p.unread_waits;
    s->look_at = all ? (struct mono){0} : mono_add(now, AGAIN_MS);
    if (at_rest(&p))
        notifier_rested(served_batch_notifier(s), !p.unread_waits);
}

/* Written while documents are on their way only where that is quick; and once more at rest. */
void served_batch_hands(struct served_batch *s)
{
    enum { SOON_MS = 1000, QUICK_MOST = 5000 };
    struct batch_progress p;
    struct error e;
    struct mono now = loop_now(s->host->loop);
    if ((s->state != SERVED_STAYING && s->state != SERVED_RECEIVING) || s->ended || s->stopping)
        return;
    if (batch_by_hand(s->batch) != s->by_hand) {
        s->by_hand = batch_by_hand(s->batch);
        s->hand_rests = false;
        s->hand_at = s->hand_at.ms ? s->hand_at : mono_add(now, SOON_MS);
    }
    if (!s->hand_at.ms || !mono_reached(now, s->hand_at))
        return;
    batch_progress(s->batch, &p);
    bool all = at_rest(&p), quick = p.documents - p.by_state[DOC_STORED] <= QUICK_MOST;
    s->hand_at = all ? (struct mono){0} : mono_add(now, SOON_MS);
    if (!all && (s->hand_rests || !quick))
        return;
    s->hand_rests = true;
    if (write_reports(s, &e) == 0 && all)
        s->reported = p;
}

static void rests(struct served_batch *s)
{
    const struct batch_progress *p = &s->end.rested;
    struct error e;
    if (s->ended) {
        go_on(s);
        return;
    }
    if (write_reports(s, &e) < 0)
        return;
    s->reported = *p;
    LOG(LOG_INFO, "run.at_rest", LOG_STR("batch", served_batch_name(s)),
        LOG_INT("documents", p->documents), LOG_INT("stored", p->by_state[DOC_STORED]),
        LOG_INT("failed", p->by_state[DOC_FAILED] + p->by_state[DOC_LOST]),
        LOG_INT("rejected", p->by_state[DOC_REJECTED]),
        LOG_INT("in_doubt", p->by_state[DOC_IN_DOUBT]));
}

void served_batch_report(struct served_batch *s)
{
    struct batch_progress p;
    if ((s->state != SERVED_STAYING && s->state != SERVED_RECEIVING) || s->ended || s->stopping)
        return;
    if (s->state == SERVED_STAYING)
        served_batch_tell_budget(s);
    batch_progress(s->batch, &p);
    bool news = p.files != s->reported.files ||
                memcmp(p.by_state, s->reported.by_state, sizeof p.by_state) != 0;
    if (!at_rest(&p) || !news || s->work)
        return;
    s->end.rested = p;
    if (!served_batch_review(s, -1, rests))
        rests(s);
}
