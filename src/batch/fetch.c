/* See fetch.h. */
#include "batch/fetch.h"

#include "base/crash_point.h"
#include "batch/asked.h"
#include "batch/notes.h"

#include <stdlib.h>
#include <strings.h>

struct fetch {
    struct run_context *context;
    struct upload_neighbours with;
    struct list line; /* due */
    int out;
};

struct fetch_call {
    struct fetch *fetch;
    struct asked asked;
    struct mono began;
};

struct fetch *fetch_new(struct run_context *c, const struct upload_neighbours *with)
{
    struct fetch *t = xcalloc(1, sizeof *t);
    t->context = c;
    t->with = *with;
    list_init(&t->line);
    return t;
}

void fetch_free(struct fetch *t)
{
    free(t);
}

void fetch_due(struct fetch *t, struct flight *f, bool first)
{
    flight_to_line(f, &t->line, first);
}

bool fetch_waits(const struct fetch *t)
{
    return !list_empty(&t->line);
}

static bool is_ours(const struct asked *asked, const struct mindee_inference *inference)
{
    return !inference->job_id[0] || strcasecmp(inference->job_id, asked->job_id) == 0;
}

static struct outcome outcome_of(const struct asked *asked, const struct mindee_response *r)
{
    struct outcome o = answer_facts(REQUEST_FETCH, r);
    if (r->fault == MINDEE_TOO_LARGE && r->status) /* an answer, and none that we want */
        o.delivery = DELIVERY_ANSWERED;
    o.foreign_url = r->fault == MINDEE_FOREIGN_URL;
    o.body_ok = r->fault == MINDEE_OK && r->inference && is_ours(asked, r->inference);
    o.incomplete = r->fault == MINDEE_BROKEN || r->fault == MINDEE_TIMEOUT;
    return o;
}

static void answered(struct fetch *t, const struct asked *asked, const struct mindee_response *r)
{
    struct flight *f = asked->flight;
    struct outcome o = outcome_of(asked, r);
    struct news news;
    char cause[ANSWER_CAUSE_MAX];
    enum doc_event_kind kind = answer_read(t->with.answers, &o, r, &news, cause);
    if (f->dead)
        return;
    if (r->inference && !is_ours(asked, r->inference)) {
        news.code = "foreign-result";
        news.detail = "the result is another document's";
    }
    news.body = r->body;
    news.body_len = r->body_len;
    news.page_count = r->inference ? r->inference->page_count : 0;
    news.late = asked_is_late(asked);
    news.known = true; /* a job that was asked for is on record */
    if (kind == EV_RESULT)
        note_attempt_end(t->with.journal, f->id, asked->attempt, ATTEMPT_JOB_DONE, r->status, "");
    if (kind == EV_ASK_AGAIN && mono_reached(f->asked_at, f->asked_until))
        kind = EV_GIVE_UP;
    flight_event(f, kind, &news);
    CRASH_POINT("fetch_noted");
}

static void fetched_cb(void *ctx, const struct mindee_response *r)
{
    struct fetch_call *call = ctx;
    struct fetch *t = call->fetch;
    struct asked asked = call->asked;
    int64_t took_ms = mono_diff(clock_mono(t->context->clock), call->began);
    struct flight *f = asked.flight;
    free(call);
    CRASH_POINT("fetch_answered");
    f->requests--;
    t->out--;
    f->asks_first = r->status == 429;
    pace_answered(t->with.pace, PACE_GET, r);
    bool usable = r->fault == MINDEE_OK && r->inference && is_ours(&asked, r->inference);
    meter_answer(t->context->options->meter, METER_FETCH, r, took_ms, usable);
    answered(t, &asked, r);
    run_poke(t->context);
}

void fetch_send(struct fetch *t, struct mono now)
{
    struct flight *f = LIST_ENTRY(list_first(&t->line), struct flight, line);
    struct fetch_call *call = xcalloc(1, sizeof *call);
    call->fetch = t;
    call->began = now;
    asked_for(&call->asked, f);
    list_remove(&f->line);
    pace_take(t->with.pace, PACE_GET, now);
    f->requests++;
    f->asked_at = now;
    t->out++;
    CRASH_POINT("fetch_begin");
    mindee_get_result(t->context->client, f->result_url, fetched_cb, call);
    CRASH_POINT("fetch_begun");
}

int fetch_out(const struct fetch *t)
{
    return t->out;
}

/* A run that ends waits for results that are being fetched, or can be within a moment. */
bool fetch_busy(const struct fetch *t)
{
    struct mono now = clock_mono(t->context->clock);
    switch (ending_life(t->with.ending)) {
    case RUN_RUNNING:
        return t->out > 0;
    case RUN_DRAINING:
        return t->out > 0 || (fetch_waits(t) && !pace_lost(t->with.pace) &&
                              ending_may_fetch(t->with.ending, now));
    default:
        return t->out > 0 && ending_waits_for_results(t->with.ending, now);
    }
}
