/* The end of a duty's run: its reports, the period's row, what somebody should hear of it, and what
 * comes next.
 *
 * A scheduled run that was stopped leaves its row at "running": the next start goes on. One that
 * ended before its end by itself (5: a full disk, jobs still processing, the budget) goes on after
 * a while, a few times; then its period is over with that code, and so it is at once where Mindee
 * refuses. */
#include "service/served_batch_end.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "report/failures.h"
#include "report/summary.h"
#include "service/served_batch_run.h"

#include <string.h>

enum {
    RESUME_MS = 15 * 60 * 1000, /* until a run that can go on does */
    RESUMES = 4,
};

static bool at_rest(const struct batch_progress *p)
{
    return !p->walking && p->uploads_out == 0 && p->jobs == 0 && p->by_state[DOC_QUEUED] == 0;
}

static int write_reports(struct served_batch *d, struct error *e)
{
    struct summary numbers;
    struct ledger *l = batch_ledger(d->batch);
    int rc = summary_read(&numbers, l, e);
    if (rc == 0)
        rc = summary_write(&numbers, d->options.output, e);
    CRASH_POINT("summary_written");
    if (rc == 0)
        rc = failures_write(l, d->options.output, e);
    CRASH_POINT("failures_written");
    if (rc < 0)
        LOG(LOG_WARNING, "serve.report_failed", LOG_STR("batch", served_batch_name(d)),
            LOG_STR("cause", e->text));
    return rc;
}

/* No document is on its way, or will be when the same batch runs again. */
static bool nothing_open(struct served_batch *d)
{
    struct ledger_counts c;
    struct ledger *l = batch_ledger(d->batch);
    if (ledger_error(l)->code || ledger_counts(l, &c) < 0)
        return false;
    int64_t open = c.by_state[DOC_QUEUED] + c.by_state[DOC_SUBMITTING] +
                   c.by_state[DOC_PROCESSING] + c.by_state[DOC_READY];
    if (d->options.retry.resend_in_doubt)
        open += c.by_state[DOC_IN_DOUBT];
    return open == 0;
}

/* For one that stays, being stopped is the end it was made for. */
static int code_of_run(struct served_batch *d, struct error *report)
{
    int code = batch_exit_code(d->batch);
    bool stopped = d->state != SERVED_RUNNING && (d->stopping || d->state == SERVED_DRAINING);
    if (stopped && code == EXIT_RESUMABLE && nothing_open(d))
        code = EXIT_ALL_STORED;
    int rc = write_reports(d, report);
    return rc < 0 && code <= EXIT_SOME_FAILED ? exit_code_of(report) : code;
}

static void end_period(struct served_batch *d, int code)
{
    struct ledger *l = batch_ledger(d->batch);
    struct agenda a = served_batch_agenda(d);
    int rc = ledger_period_end(l, d->due.rule, d->due.period, code);
    if (rc == 0 && d->running_on->skip_overlap)
        rc = agenda_skip(&a, l, d->began_at, served_batch_wall(d));
    if (rc >= 0)
        rc = ledger_commit(l);
    CRASH_POINT("period_ended");
    if (rc < 0)
        LOG(LOG_ERROR, "period.end_unrecorded", LOG_STR("batch", served_batch_name(d)),
            LOG_STR("period", d->due.period), LOG_STR("cause", ledger_error(l)->text),
            LOG_STR("next", "its run goes on, and finds nothing left to do"));
}

static void tell_end(struct served_batch *d, enum service_notice_kind kind, int code)
{
    const char *reason = batch_reason(d->batch);
    notifier_run_ended(served_batch_notifier(d), code, code == EXIT_ALL_STORED ? "" : reason);
    service_notice(
        &d->host->notices,
        &(struct service_notice){.kind = kind,
                                 .entry = d->running_on,
                                 .due = d->state == SERVED_RUNNING ? &d->due : NULL,
                                 .exit_code = code,
                                 .text = *reason && code != EXIT_ALL_STORED ? reason
                                         : code == EXIT_ALL_STORED
                                             ? "every document is stored"
                                             : "some documents are not stored: see failures.csv",
                                 .ledger = batch_ledger(d->batch)});
}

/* By whoever stopped the service: no news for the log, but the end of a run to others. */
static void tell_stopped(struct served_batch *d, int code)
{
    notifier_run_ended(served_batch_notifier(d), code,
                       code == EXIT_ALL_STORED ? "" : batch_reason(d->batch));
}

/* Of a scheduled one. What came due meanwhile has waited. */
static void scheduled_run_ended(struct served_batch *d, int code)
{
    if (!d->waited_from.ms || d->waited_from.ms > d->began_at.ms)
        d->waited_from = d->began_at;
    if (d->stopping && code == EXIT_RESUMABLE) { /* the row stays: the next start goes on */
        tell_stopped(d, code);
        return;
    }
    bool resumes = code == EXIT_RESUMABLE && d->resumes < RESUMES;
    d->resumes += resumes;
    /* Told first: killed in between, the run goes on and is told once more, never not at all. */
    tell_end(d, resumes || code > EXIT_SOME_FAILED ? NOTICE_TROUBLE : NOTICE_END, code);
    if (!resumes)
        end_period(d, code);
    if (resumes) {
        LOG(LOG_WARNING, "period.goes_on", LOG_STR("batch", served_batch_name(d)),
            LOG_STR("period", d->due.period), LOG_MS("wait", RESUME_MS));
        served_batch_rest(d, RESUME_MS);
    } else {
        served_batch_rest(d, 0);
    }
}

/* One that stayed, and wasn't asked to end. With nothing else to come the service goes with it;
 * else it is tried again. */
static void staying_run_ended(struct served_batch *d, int code)
{
    tell_end(d, NOTICE_TROUBLE, code);
    if (d->entry->calendar && !d->waited_from.ms) /* what comes due in that time waits */
        d->waited_from = d->looked_at;
    if (d->entry->calendar || !d->host->alone)
        served_batch_rest(d, RESUME_MS);
    else
        d->state = SERVED_OVER;
}

void served_batch_run_ended(struct served_batch *d)
{
    struct error e = {0};
    int code = code_of_run(d, &e);
    bool drained = d->state == SERVED_DRAINING;
    bool scheduled = d->state == SERVED_RUNNING;
    LOG(LOG_INFO, "run.end", LOG_STR("batch", served_batch_name(d)),
        LOG_STR("period", scheduled ? d->due.period : NULL), LOG_INT("exit", code),
        LOG_STR("reason", code == EXIT_ALL_STORED || drained ? NULL : batch_reason(d->batch)));
    d->exit_code = code;
    if (scheduled)
        scheduled_run_ended(d, code);
    else if (drained)
        served_batch_rest(d, 0);
    else if (!d->stopping)
        staying_run_ended(d, code);
    else
        tell_stopped(d, code);
    if (d->stopping)
        d->state = SERVED_OVER;
    d->ended = false;
    if (d->state != SERVED_OVER) /* else its ledger is wanted until word of the end is out */
        served_batch_close(d);
}

void served_batch_report(struct served_batch *d)
{
    struct batch_progress p;
    struct error e;
    if (d->state != SERVED_STAYING || d->ended || d->stopping)
        return;
    batch_progress(d->batch, &p);
    bool news = p.files != d->reported.files ||
                memcmp(p.by_state, d->reported.by_state, sizeof p.by_state) != 0;
    if (!at_rest(&p) || !news || write_reports(d, &e) < 0)
        return;
    d->reported = p;
    LOG(LOG_INFO, "run.at_rest", LOG_STR("batch", served_batch_name(d)),
        LOG_INT("documents", p.documents), LOG_INT("stored", p.by_state[DOC_STORED]),
        LOG_INT("failed", p.by_state[DOC_FAILED] + p.by_state[DOC_LOST]),
        LOG_INT("rejected", p.by_state[DOC_REJECTED]),
        LOG_INT("in_doubt", p.by_state[DOC_IN_DOUBT]));
}
