/* GETs: results before polls, out of one budget. A poll asks for a job's state; a result is fetched
 * once its intent is in the ledger, because with Delete When Fetched a GET can be the only one. */
#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/state.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct outcome outcome_of(enum request_kind kind, const struct mindee_response *r)
{
    struct outcome o = batch_facts(kind, r);
    if (r->fault == MINDEE_TOO_LARGE && r->status) /* an answer, and none that we want */
        o.delivery = DELIVERY_ANSWERED;
    o.foreign_url = r->fault == MINDEE_FOREIGN_URL;
    o.body_ok = r->fault == MINDEE_OK;
    o.incomplete = r->fault == MINDEE_BROKEN || r->fault == MINDEE_TIMEOUT;
    return o;
}

static void job_failed(struct flight *f, bool fault, const struct mindee_response *r,
                       const struct mindee_problem *p)
{
    struct batch *b = f->batch;
    journal_attempt_end(b, f->id, f->attempt, ATTEMPT_JOB_FAILED, p ? p->status : 0,
                        p ? p->code : "");
    if (b->canary.job_done || fault)
        return;
    batch_suspect(b, f->id);
    if (canary_job_failed(&b->canary, p ? p->status : 0, p ? p->code : ""))
        batch_end_early(b, EXIT_REFUSED,
                        "the first %d jobs all failed alike (%s): check api.model_id and the "
                        "documents; failed jobs "
                        "cost nothing, and the documents are queued again",
                        CANARY_JOBS, p && *p->detail ? p->detail : r->text);
}

/* The job's own clock tells how long it took. */
static void learn(struct flight *f, const struct mindee_job *job)
{
    struct wall created, completed;
    if (wall_parse(job->created_at, &created) == 0 &&
        wall_parse(job->completed_at, &completed) == 0 && completed.ms >= created.ms)
        poll_planner_finished(f->batch->planner, &f->poll, completed.ms - created.ms);
}

static void polled_cb(void *ctx, const struct mindee_response *r)
{
    struct flight *f = ctx;
    struct batch *b = f->batch;
    struct outcome o = outcome_of(REQUEST_POLL, r);
    struct news news;
    char cause[64];

    CRASH_POINT("poll_answered");
    f->requests--;
    b->asks_out--;
    b->polls_out--;
    f->asks_first = r->status == 429;
    pacing_answered(b, &b->get, r);
    const struct mindee_job *job = r->job;
    const struct mindee_problem *failure = job ? job->error : NULL;
    o.body_ok = o.body_ok && job;
    if (job) {
        o.job = job->status == MINDEE_JOB_PROCESSED ? JOB_READY
                : job->status == MINDEE_JOB_FAILED  ? JOB_FAILED
                                                    : JOB_PROCESSING;
        o.job_error_status = failure ? failure->status : 0;
    }
    enum doc_event_kind kind = batch_outcome(b, &o, r, &news, cause, sizeof cause);
    if (f->dead)
        return;
    news.took_ms = mono_diff(clock_mono(b->clock), f->asked_at);
    if (job && kind == EV_JOB_PROCESSING)
        poll_planner_running(b->planner, &f->poll, f->asked_at);
    else if (job)
        learn(f, job);
    if (kind == EV_JOB_READY && job) {
        free(f->result_url);
        f->result_url = xstrdup(job->result_url);
        journal_result_url(b, f->id, f->attempt, f->result_url);
        if (!b->canary.job_done)
            b->suspect_count = 0;
        canary_job_succeeded(&b->canary);
        if (deliveries_expected(b) && !f->taken_up)
            deliveries_missed(b, job);
    }
    if (failure) {
        news.code = failure->code;
        news.detail = failure->detail;
        news.cause = "job_failed";
    } else if (o.job == JOB_FAILED && job) {
        news.code = news.cause = "job_failed";
        news.detail = "the job failed, and no reason was given";
    }
    bool over = mono_reached(clock_mono(b->clock), f->asked_until);
    if (over && (kind == EV_JOB_PROCESSING || kind == EV_ASK_AGAIN))
        kind = EV_GIVE_UP;
    flight_event(f, kind, &news);
    CRASH_POINT("poll_noted");
    if (kind == EV_JOB_FAILED || kind == EV_JOB_FAULT)
        job_failed(f, kind == EV_JOB_FAULT, r, failure);
}

static void fetched_cb(void *ctx, const struct mindee_response *r)
{
    struct flight *f = ctx;
    struct batch *b = f->batch;
    struct outcome o = outcome_of(REQUEST_FETCH, r);
    struct news news;
    char cause[64];

    CRASH_POINT("fetch_answered");
    f->requests--;
    b->asks_out--;
    f->asks_first = r->status == 429;
    pacing_answered(b, &b->get, r);
    const struct mindee_inference *inference = r->inference;
    bool ours =
        inference && (!inference->job_id[0] || strcasecmp(inference->job_id, f->job_id) == 0);
    o.body_ok = o.body_ok && ours;
    enum doc_event_kind kind = batch_outcome(b, &o, r, &news, cause, sizeof cause);
    if (f->dead)
        return;
    if (inference && !ours) {
        news.code = "foreign-result";
        news.detail = "the result is another job's";
    }
    news.body = r->body;
    news.body_len = r->body_len;
    news.page_count = inference ? inference->page_count : 0;
    if (kind == EV_RESULT)
        journal_attempt_end(b, f->id, f->attempt, ATTEMPT_JOB_DONE, r->status, "");
    if (kind == EV_ASK_AGAIN && mono_reached(clock_mono(b->clock), f->asked_until))
        kind = EV_GIVE_UP;
    flight_event(f, kind, &news);
    CRASH_POINT("fetch_noted");
}

static void ask(struct flight *f, bool fetch, struct mono now)
{
    struct batch *b = f->batch;
    list_remove(&f->line);
    limiter_take(&b->get, now);
    breaker_sent(&b->service);
    f->requests++;
    f->asked_at = now;
    b->asks_out++;
    if (fetch) {
        CRASH_POINT("fetch_begin");
        mindee_get_result(b->client, f->result_url, fetched_cb, f);
        CRASH_POINT("fetch_begun");
    } else {
        CRASH_POINT("poll_begin");
        f->poll.polls++;
        b->polls_out++;
        REQUIRE(mindee_get_job(b->client, f->job_id, polled_cb, f) == 0);
    }
}

/* Results that will want a GET soon: due, or after a pause. */
static uint32_t results_waiting(const struct batch *b)
{
    size_t fetching = (size_t)(b->asks_out - b->polls_out);
    size_t ready = b->states[DOC_READY].count;
    return (uint32_t)(ready > fetching ? ready - fetching : 0);
}

/* What is asked next; NULL: nothing, until something else has happened. */
static struct list *next_line(struct batch *b)
{
    if (b->journal.down || b->stop_now) /* what came could not be kept */
        return NULL;
    if (b->asks_out >= ASKS_AT_ONCE)
        return NULL;
    if (!list_empty(&b->fetches) && b->projecting < PROJECT_AT_ONCE)
        return &b->fetches;
    return b->stopping || list_empty(&b->polls) ? NULL : &b->polls;
}

/* A poll leaves room for the results that may come of it and of others. */
static bool has_room(struct batch *b, const struct list *line, struct mono now)
{
    return line == &b->fetches ||
           poll_may_go(limiter_room(&b->get, now), (uint32_t)b->polls_out, results_waiting(b));
}

void asking_turn(struct batch *b, struct mono now)
{
    struct list *line;
    if (deliveries_wants_check(b) && !b->stopping && !b->service.down &&
        mono_reached(now, pacing_next_get(b, now))) {
        limiter_take(&b->get, now);
        deliveries_check(b);
    }
    while ((line = next_line(b)) != NULL && breaker_allows(&b->service, now) &&
           mono_reached(now, pacing_next_get(b, now)) && has_room(b, line, now))
        ask(LIST_ENTRY(list_first(line), struct flight, line), line == &b->fetches, now);
}

/* Room comes in the limiter's slots. */
struct mono asking_next(struct batch *b, struct mono now)
{
    const struct list *line = next_line(b);
    if (!line)
        return MONO_NEVER;
    struct mono at = mono_max(pacing_next_get(b, now), breaker_next(&b->service, now));
    return mono_max(at, mono_add(now, has_room(b, line, now) ? 1 : LIMITER_SLOT_MS));
}
