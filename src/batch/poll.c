/* See poll.h. */
#include "batch/poll.h"

#include "base/crash_point.h"
#include "base/text.h"
#include "batch/asked.h"
#include "batch/notes.h"

#include <stdlib.h>

struct poll {
    struct run_context *context;
    struct upload_neighbours with;
    struct receive *receive;
    struct list line; /* due */
    int out;
};

struct poll_call {
    struct poll *poll;
    struct asked asked;
    struct mono began;
};

struct poll *poll_new(struct run_context *c, const struct upload_neighbours *with,
                      struct receive *receive)
{
    struct poll *p = xcalloc(1, sizeof *p);
    p->context = c;
    p->with = *with;
    p->receive = receive;
    list_init(&p->line);
    return p;
}

void poll_free(struct poll *p)
{
    free(p);
}

/* --- when --- */

/* A job that this run hasn't told the planner of yet. */
static void count_job(struct flight *f)
{
    if (f->poll.counted)
        return;
    if (f->poll.accepted_at.ms != f->doc.accepted_at.ms) /* another job */
        f->poll.running_ms = 0;
    f->poll.accepted_at = f->doc.accepted_at;
    f->poll.size_class = poll_size_class(f->pages, f->size_bytes);
}

static struct poll_budget budget_of(const struct poll *p, struct mono now, bool last)
{
    struct flights *fl = p->with.flights;
    size_t queued = last ? flights_count(fl, DOC_QUEUED) : 0;
    int64_t horizon_ms = poll_planner_horizon_ms(p->context->planner);
    return (struct poll_budget){
        .get_per_minute = (uint32_t)pace_rate_per_minute(p->with.pace, PACE_GET),
        .get_free = pace_get_room_within(p->with.pace, now, horizon_ms),
        .jobs_in_flight = (uint32_t)flights_with_jobs(fl),
        .last_jobs = last,
        .jobs_coming = (uint32_t)(flights_count(fl, DOC_SUBMITTING) + queued)};
}

struct mono poll_plan(struct poll *p, struct flight *f, struct mono now, int64_t wait_ms, bool last)
{
    struct poll_planner *planner = p->context->planner;
    struct poll_budget budget = budget_of(p, now, last);
    struct mono earliest = mono_add(now, wait_ms);
    if (f->hinted)
        return earliest;
    if (f->taken_up && f->poll.polls == 0)
        return mono_max(earliest, poll_planner_overdue(planner, &budget, now));
    if (receive_expects(p->receive)) {
        struct mono since = f->poll.polls == 0 ? f->doc.accepted_at : now;
        return mono_max(earliest, mono_add(since, receive_fallback_ms(p->receive)));
    }
    count_job(f);
    return mono_max(earliest, poll_planner_next(planner, &f->poll, &budget, now));
}

/* What isn't planned by how long jobs take isn't put off by it. */
struct mono poll_replan(struct poll *p, struct flight *f, struct mono now, bool last)
{
    if (f->hinted || f->asks_first || (f->taken_up && f->poll.polls == 0) ||
        receive_expects(p->receive))
        return now;
    struct poll_budget budget = budget_of(p, now, last);
    return poll_planner_due(p->context->planner, &f->poll, &budget, now);
}

void poll_due(struct poll *p, struct flight *f)
{
    flight_to_line(f, &p->line, f->asks_first);
}

bool poll_waits(const struct poll *p)
{
    return !list_empty(&p->line);
}

/* --- what came of it --- */

static struct outcome outcome_of(const struct mindee_response *r)
{
    struct outcome o = answer_facts(REQUEST_POLL, r);
    const struct mindee_job *job = r->job;
    if (r->fault == MINDEE_TOO_LARGE && r->status) /* an answer, and none that we want */
        o.delivery = DELIVERY_ANSWERED;
    o.foreign_url = r->fault == MINDEE_FOREIGN_URL;
    o.body_ok = r->fault == MINDEE_OK && job;
    o.incomplete = r->fault == MINDEE_BROKEN || r->fault == MINDEE_TIMEOUT;
    if (job) {
        o.job = job->status == MINDEE_JOB_PROCESSED ? JOB_READY
                : job->status == MINDEE_JOB_FAILED  ? JOB_FAILED
                                                    : JOB_PROCESSING;
        o.job_error_status = job->error ? job->error->status : 0;
    }
    return o;
}

/* The job's own clock tells how long it took; by ours it is known now. */
static void learn(struct poll *p, struct flight *f, const struct mindee_job *job)
{
    struct wall created, completed;
    if (wall_parse(job->created_at, &created) == 0 &&
        wall_parse(job->completed_at, &completed) == 0 && completed.ms >= created.ms) {
        poll_planner_finished(p->context->planner, &f->poll, completed.ms - created.ms);
        meter_job(p->context->options->meter, created, completed, clock_wall(p->context->clock));
    }
}

static void job_ready(struct poll *p, struct flight *f, const struct mindee_job *job)
{
    free(f->result_url);
    f->result_url = xstrdup(job->result_url);
    note_result_url(p->with.journal, f->id, f->attempt, f->result_url);
    suspects_job_done(p->with.suspects);
    if (receive_expects(p->receive) && !f->taken_up)
        receive_missed(p->receive, job);
}

static void job_failed(struct poll *p, const struct asked *asked, bool fault, bool late,
                       const struct mindee_response *r)
{
    const struct mindee_problem *why = r->job ? r->job->error : NULL;
    note_attempt_end(p->with.journal, asked->flight->id, asked->attempt, ATTEMPT_JOB_FAILED,
                     why ? why->status : 0, why ? why->code : "");
    if (!late)
        suspects_job_failed(p->with.suspects, asked->flight, fault, r);
}

/* What people are told of a job that failed. */
static void tell_failure(struct news *news, const struct mindee_job *job, bool failed)
{
    if (job && job->error) {
        news->code = job->error->code;
        news->detail = job->error->detail;
        news->cause = "job_failed";
    } else if (job && failed) {
        news->code = news->cause = "job_failed";
        news->detail = "Mindee couldn't read it, and gave no reason";
    }
}

/* What the answer says of the job that is the document's own now. */
static void take_news(struct poll *p, struct flight *f, enum doc_event_kind kind,
                      const struct mindee_job *job)
{
    if (job && kind == EV_JOB_PROCESSING)
        poll_planner_running(p->context->planner, &f->poll, f->asked_at);
    else if (job)
        learn(p, f, job);
    if (kind == EV_JOB_READY && job)
        job_ready(p, f, job);
}

static void answered(struct poll *p, const struct asked *asked, const struct mindee_response *r)
{
    struct flight *f = asked->flight;
    struct outcome o = outcome_of(r);
    const struct mindee_job *job = r->job;
    struct mono now = clock_mono(p->context->clock);
    struct news news;
    char cause[ANSWER_CAUSE_MAX];
    enum doc_event_kind kind = answer_read(p->with.answers, &o, r, &news, cause);
    if (f->dead)
        return;
    news.took_ms = mono_diff(now, f->asked_at);
    news.late = asked_is_late(asked);
    if (!news.late)
        take_news(p, f, kind, job);
    tell_failure(&news, job, o.job == JOB_FAILED);
    if (mono_reached(f->asked_at, f->asked_until) &&
        (kind == EV_JOB_PROCESSING || kind == EV_ASK_AGAIN))
        kind = EV_GIVE_UP;
    flight_event(f, kind, &news);
    CRASH_POINT("poll_noted");
    if (kind == EV_JOB_FAILED || kind == EV_JOB_FAULT)
        job_failed(p, asked, kind == EV_JOB_FAULT, news.late, r);
}

static void polled_cb(void *ctx, const struct mindee_response *r)
{
    struct poll_call *call = ctx;
    struct poll *p = call->poll;
    struct asked asked = call->asked;
    int64_t took_ms = mono_diff(clock_mono(p->context->clock), call->began);
    struct flight *f = asked.flight;
    free(call);
    CRASH_POINT("poll_answered");
    f->requests--;
    p->out--;
    f->asks_first = r->status == 429;
    pace_answered(p->with.pace, PACE_GET, r);
    meter_answer(p->context->options->meter, METER_POLL, r, took_ms, true);
    answered(p, &asked, r);
    run_poke(p->context);
}

/* --- sending --- */

void poll_send(struct poll *p, struct mono now)
{
    struct flight *f = LIST_ENTRY(list_first(&p->line), struct flight, line);
    struct poll_call *call = xcalloc(1, sizeof *call);
    call->poll = p;
    call->began = now;
    asked_for(&call->asked, f);
    list_remove(&f->line);
    pace_take(p->with.pace, PACE_GET, now);
    f->requests++;
    f->asked_at = now;
    p->out++;
    CRASH_POINT("poll_begin");
    f->poll.polls++;
    f->hinted = false;
    REQUIRE(mindee_get_job(p->context->client, f->job_id, polled_cb, call) == 0);
}

int poll_out(const struct poll *p)
{
    return p->out;
}

/* A run that ends waits for none: they are asked again another time. */
bool poll_busy(const struct poll *p)
{
    return p->out > 0 && !ending_has_begun(p->with.ending);
}
