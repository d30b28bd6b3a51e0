/* A POST of the fake client, from its first byte to its answer. */
#include "fake_call.h"

#include "base/file_stamp.h"
#include "base/trouble.h"

#include <stdio.h>
#include <string.h>

const char *const call_kind_names[] = {"POST", "poll", "fetch", "models"};

enum { TIMEOUT_MS = 30000 };

static bool file_is_as_stamped(const struct call *c)
{
    struct stat st;
    if (system_stat(c->path, &st) != 0)
        return false;
    struct file_stamp is = file_stamp_of(&st);
    struct file_stamp was = {c->stamp.size_bytes, c->stamp.mtime_ns, c->stamp.ctime_ns,
                             c->stamp.inode};
    return file_stamp_equal(&is, &was);
}

static void decide(struct call *c, enum call_phase phase, enum mindee_fault fault, int64_t in_ms)
{
    c->phase = phase;
    c->fault = fault;
    call_in(c, in_ms);
}

static int64_t some(struct call *c, int64_t most_ms)
{
    return (int64_t)random_below(&c->client->world->random, (uint64_t)most_ms);
}

void upload_begins(struct call *c)
{
    struct world *w = c->client->world;
    int trouble = system_trouble(c->path, STEP_OPEN);
    c->in_outage = server_outage(w, call_now(c), &c->outage);
    if (trouble) {
        bool own = trouble_of(trouble) == TROUBLE_NONE;
        decide(c, PHASE_UNSENT, own ? MINDEE_SOURCE_ERROR : MINDEE_SOURCE_AWAY, some(c, 20));
        return;
    }
    if (!file_is_as_stamped(c)) {
        struct stat st;
        bool there = system_stat(c->path, &st) == 0;
        decide(c, PHASE_UNSENT, there ? MINDEE_SOURCE_CHANGED : MINDEE_SOURCE_ERROR, some(c, 20));
        return;
    }
    c->post.content = inputs_content_of(c->path, &c->post.pages);
    if (c->in_outage && c->outage == OUTAGE_NO_CONNECTION)
        decide(c, PHASE_UNSENT, MINDEE_CONNECT, 1 + some(c, 10000));
    else if (c->in_outage && c->outage == OUTAGE_SILENCE)
        decide(c, PHASE_ON_WAY, MINDEE_TIMEOUT, call_travel_ms(c));
    else if (server_chance(w, w->scenario->faults.not_sent))
        decide(c, random_below(&w->random, 2) ? PHASE_UNSENT : PHASE_DOOMED,
               random_below(&w->random, 2) ? MINDEE_CONNECT : MINDEE_BROKEN, call_travel_ms(c));
    else
        decide(c, PHASE_ON_WAY, MINDEE_OK, call_travel_ms(c));
}

/* Complete at the server, or about to be. */
static void arrive(struct call *c)
{
    struct world *w = c->client->world;
    const struct sim_faults *f = &w->scenario->faults;
    if (!file_is_as_stamped(c)) { /* the last block was held back */
        server_cut_post(w, call_now(c));
        struct mindee_response r = {.delivery = MINDEE_NOT_SENT,
                                    .fault = MINDEE_SOURCE_CHANGED,
                                    .retry_after_ms = -1,
                                    .on_wire = true};
        call_answer(c, &r);
        return;
    }
    c->phase = PHASE_ANSWERED;
    if (c->in_outage) {
        server_cut_post(w, call_now(c));
        call_in(c, c->outage == OUTAGE_SILENCE ? TIMEOUT_MS : call_travel_ms(c));
        return;
    }
    if (f->doubt_accepted > 0 && server_chance(w, f->late_arrival * 0.2)) {
        call_arrives_late(c, call_now(c) + some(c, FAKE_LINGER_MS));
        struct mindee_response r = {.delivery = MINDEE_IN_DOUBT,
                                    .fault = MINDEE_BROKEN,
                                    .retry_after_ms = -1,
                                    .on_wire = true};
        call_answer(c, &r);
        return;
    }
    c->verdict = server_post(w, call_now(c), &c->post, &c->job);
    bool silence = c->verdict == VERDICT_BROKEN && random_below(&w->random, 2);
    c->fault = c->verdict != VERDICT_BROKEN ? MINDEE_OK : silence ? MINDEE_TIMEOUT : MINDEE_BROKEN;
    call_in(c, silence ? TIMEOUT_MS : call_travel_ms(c));
}

void call_arrives_late(struct call *c, int64_t at_ms)
{
    struct sim_job *job;
    if (c->kind != CALL_ENQUEUE)
        get_arrives(c, at_ms);
    else if (c->phase == PHASE_DOOMED || c->in_outage || !file_is_as_stamped(c))
        server_cut_post(c->client->world, at_ms);
    else
        server_post(c->client->world, at_ms, &c->post, &job);
}

static int64_t retry_after(struct call *c)
{
    return some(c, 2) ? -1 : some(c, 30) * 1000;
}

static void answer_accepted(struct call *c, struct mindee_response *r)
{
    char created[WALL_TEXT_MAX];
    wall_format(clock_wall(loop_clock(c->client->loop)), created);
    struct mindee_job job = {.id = c->job->id,
                             .alias = "",
                             .created_at = created,
                             .completed_at = "",
                             .result_url = "",
                             .status = MINDEE_JOB_PROCESSING};
    r->status = 202;
    r->job = &job;
    c->job->answered = true;
    c->client->accepted = true;
    c->client->unreadable = 0;
    snprintf(c->job_id, sizeof c->job_id, "%s", c->job->id);
    call_answer(c, r);
}

static void answer(struct call *c)
{
    struct world *w = c->client->world;
    struct mindee_problem p = {
        .title = "", .detail = "", .code = "", .pointer = "", .pointer_detail = ""};
    struct mindee_response r = {
        .delivery = MINDEE_ANSWERED, .retry_after_ms = -1, .on_wire = true, .problem = &p};
    switch (c->verdict) {
    case VERDICT_ACCEPTED:
        r.problem = NULL;
        answer_accepted(c, &r);
        return;
    case VERDICT_429:
        p.status = r.status = 429;
        r.retry_after_ms = retry_after(c);
        break;
    case VERDICT_401:
        p.status = r.status = 401;
        break;
    case VERDICT_REFUSED:
        p.status = r.status = 422;
        p.code = "422-001";
        p.pointer = "#/file";
        break;
    case VERDICT_OWN_5XX:
        p.status = r.status = random_below(&w->random, 2) ? 500 : 503;
        p.code = "500-001";
        r.retry_after_ms = r.status == 503 ? retry_after(c) : -1;
        break;
    case VERDICT_GATEWAY:
        r.status = random_below(&w->random, 2) ? 502 : 504;
        r.problem = NULL;
        r.delivery = MINDEE_IN_DOUBT;
        break;
    case VERDICT_NO_JOB_ID:
        r.status = 202;
        c->job->unreadable = true;
        c->client->unreadable += !c->cancelled;
        r.problem = NULL;
        r.delivery = MINDEE_IN_DOUBT;
        r.fault = MINDEE_UNEXPECTED;
        break;
    case VERDICT_BROKEN:
        r.problem = NULL;
        r.delivery = MINDEE_IN_DOUBT;
        r.fault = c->fault;
        break;
    }
    call_answer(c, &r);
}

static void answer_decided(struct call *c)
{
    struct mindee_response r = {.delivery = MINDEE_NOT_SENT,
                                .fault = c->fault,
                                .retry_after_ms = -1,
                                .on_wire = c->phase == PHASE_DOOMED};
    if (r.on_wire)
        server_cut_post(c->client->world, call_now(c));
    call_answer(c, &r);
}

static void answer_outage(struct call *c)
{
    struct mindee_response r = {.delivery = MINDEE_ANSWERED,
                                .status = 503,
                                .retry_after_ms = retry_after(c),
                                .on_wire = true};
    if (c->outage == OUTAGE_SILENCE) {
        r = (struct mindee_response){.delivery = MINDEE_IN_DOUBT,
                                     .fault = MINDEE_TIMEOUT,
                                     .retry_after_ms = -1,
                                     .on_wire = true};
    }
    call_answer(c, &r);
}

void upload_goes_on(struct call *c)
{
    if (c->phase == PHASE_UNSENT || c->phase == PHASE_DOOMED)
        answer_decided(c);
    else if (c->phase == PHASE_ON_WAY)
        arrive(c);
    else if (c->in_outage)
        answer_outage(c);
    else
        answer(c);
}
