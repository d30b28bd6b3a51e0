/* A GET of the fake client: a job's state, its result, or the models. What it finds is decided when it arrives,
 * as a fetch may be the only one that there is (Delete When Fetched). */
#include "fake_call.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 30000, RESULT_MAX = 1024 };
enum { TRAIT_INVALID = 10, TRAIT_FOREIGN_RESULT, TRAIT_FOREIGN_URL };

void get_begins(struct call *c)
{
    struct world *w = c->client->world;
    c->in_outage = server_outage(w, call_now(c), &c->outage);
    c->phase = PHASE_ON_WAY;
    c->fault = MINDEE_OK;
    if (c->foreign) {
        c->phase = PHASE_UNSENT;
        c->fault = MINDEE_FOREIGN_URL;
    } else if (c->in_outage && c->outage == OUTAGE_NO_CONNECTION) {
        c->phase = PHASE_UNSENT;
        c->fault = MINDEE_CONNECT;
    }
    call_in(c, c->foreign ? 0 : call_travel_ms(c));
}

static bool trait(const struct call *c, int which, double p)
{
    const struct world *w = c->client->world;
    return !w->healed && c->job && scenario_trait(w->scenario, c->job->content, which, p);
}

static void fetch(struct call *c, int64_t at_ms)
{
    struct world *w = c->client->world;
    const struct sim_faults *f = &w->scenario->faults;
    if (server_result_is_gone(w, c->job, at_ms)) {
        c->status = 404;
        return;
    }
    c->status = 200;
    if (f->delete_when_fetched)
        c->job->deleted = true;
    if (server_chance(w, f->result_broken))
        c->fault = random_below(&w->random, 2) ? MINDEE_BROKEN : MINDEE_TIMEOUT;
    else if (server_chance(w, f->result_garbage) || trait(c, TRAIT_INVALID, f->invalid_result))
        c->fault = MINDEE_UNEXPECTED;
    c->job->spoiled = c->job->spoiled || c->fault != MINDEE_OK;
}

void get_arrives(struct call *c, int64_t at_ms)
{
    struct world *w = c->client->world;
    const struct sim_faults *f = &w->scenario->faults;
    c->status = server_get(w, at_ms);
    c->job = server_job(w, c->job_id);
    if (c->in_outage || c->status)
        return;
    if (!c->job && c->kind != CALL_MODELS) {
        c->status = 404;
    } else if (server_chance(w, f->get_broken)) {
        c->fault = random_below(&w->random, 2) ? MINDEE_BROKEN : MINDEE_TIMEOUT;
    } else if (c->kind == CALL_RESULT) {
        fetch(c, at_ms);
    } else if (c->kind == CALL_MODELS) {
        c->status = 200;
    } else if (server_job_is_gone(w, c->job, at_ms)) {
        c->status = 404;
    } else {
        c->status = 200;
        if (server_chance(w, f->get_garbage))
            c->fault = MINDEE_UNEXPECTED;
    }
}

static void arrive(struct call *c)
{
    c->phase = PHASE_ANSWERED;
    get_arrives(c, call_now(c));
    bool silence = c->fault == MINDEE_TIMEOUT || (c->in_outage && c->outage == OUTAGE_SILENCE);
    call_in(c, silence ? TIMEOUT_MS : call_travel_ms(c));
}

/* --- answers --- */

static void answer_job(struct call *c, struct mindee_response *r)
{
    char created[WALL_TEXT_MAX], completed[WALL_TEXT_MAX] = "", url[160] = "";
    struct world *w = c->client->world;
    struct sim_job *job = c->job;
    int64_t wall_ms = clock_wall(loop_clock(c->client->loop)).ms - w->mono_ms;
    struct mindee_problem p = {.title = "",
                               .detail = "the document can't be read",
                               .code = "422-009",
                               .pointer = "",
                               .pointer_detail = "",
                               .status = 422};
    struct mindee_job j = {.id = job->id, .alias = "", .status = MINDEE_JOB_PROCESSING};
    wall_format((struct wall){wall_ms + job->accepted_ms}, created);
    if (w->mono_ms >= job->done_ms) {
        wall_format((struct wall){wall_ms + job->done_ms}, completed);
        j.status = job->end == JOB_END_RESULT ? MINDEE_JOB_PROCESSED : MINDEE_JOB_FAILED;
        if (job->end == JOB_END_500) {
            p.status = 500;
            p.code = "500-002";
        }
        job->said = job->end != JOB_END_RESULT;
        if (job->said)
            j.error = &p;
        else
            snprintf(url, sizeof url, "%s%s",
                     trait(c, TRAIT_FOREIGN_URL, w->scenario->faults.foreign_url)
                         ? "https://elsewhere.example/results/"
                         : FAKE_RESULTS,
                     job->id);
    }
    j.created_at = created;
    j.completed_at = completed;
    j.result_url = url;
    r->job = &j;
    call_answer(c, r);
}

static void answer_result(struct call *c, struct mindee_response *r)
{
    char body[RESULT_MAX];
    struct world *w = c->client->world;
    struct sim_job other = *c->job;
    bool foreign = trait(c, TRAIT_FOREIGN_RESULT, w->scenario->faults.foreign_result);
    if (foreign) {
        memcpy(other.id, "00000000", 8);
        c->job->spoiled = true;
    } else {
        c->job->served = true;
    }
    int len = server_result(w, &other, body, sizeof body);
    struct mindee_inference inference;
    struct mindee_inference_text *owner;
    REQUIRE(mindee_inference_parse(body, (size_t)len, &inference, &owner) == 0);
    r->inference = &inference;
    r->body = body;
    r->body_len = (size_t)len;
    call_answer(c, r);
    mindee_inference_free(owner);
}

static void answer_models(struct call *c, struct mindee_response *r)
{
    struct mindee_model m = {.id = SIM_MODEL,
                             .name = "invoices",
                             .type = "extraction",
                             .webhooks = {{SIM_WEBHOOK, "", "https://here.example/webhook"}},
                             .webhook_count = 1};
    r->models = &m;
    r->model_count = 1;
    r->total_pages = 1;
    call_answer(c, r);
}

static void answer_status(struct call *c, struct mindee_response *r)
{
    struct mindee_problem p = {.status = c->status,
                               .title = "",
                               .detail = "",
                               .code = "000-000",
                               .pointer = "",
                               .pointer_detail = ""};
    struct world *w = c->client->world;
    if (c->status == 429 && random_below(&w->random, 2))
        r->retry_after_ms = (int64_t)random_below(&w->random, 20000);
    r->problem = &p;
    call_answer(c, r);
}

static void answer(struct call *c)
{
    struct mindee_response r = {
        .delivery = MINDEE_ANSWERED, .retry_after_ms = -1, .on_wire = true, .status = c->status};
    r.fault = c->fault;
    if (c->in_outage && c->outage == OUTAGE_503) {
        r.status = 503;
        call_answer(c, &r);
    } else if (c->in_outage) {
        r = (struct mindee_response){.delivery = MINDEE_IN_DOUBT,
                                     .fault = MINDEE_TIMEOUT,
                                     .retry_after_ms = -1,
                                     .on_wire = true};
        call_answer(c, &r);
    } else if (c->fault == MINDEE_BROKEN || c->fault == MINDEE_TIMEOUT) {
        r.delivery = MINDEE_IN_DOUBT;
        call_answer(c, &r);
    } else if (c->fault == MINDEE_UNEXPECTED) {
        r.body = "{\"inference\": {\"id\": ";
        r.body_len = strlen(r.body);
        call_answer(c, &r);
    } else if (c->status != 200) {
        answer_status(c, &r);
    } else if (c->kind == CALL_JOB) {
        answer_job(c, &r);
    } else if (c->kind == CALL_MODELS) {
        answer_models(c, &r);
    } else {
        answer_result(c, &r);
    }
}

void get_answer_now(struct call *c)
{
    answer(c);
}

void get_goes_on(struct call *c)
{
    if (c->phase == PHASE_ON_WAY) {
        arrive(c);
    } else if (c->phase == PHASE_UNSENT) {
        struct mindee_response r = {
            .delivery = MINDEE_NOT_SENT, .fault = c->fault, .retry_after_ms = -1};
        call_answer(c, &r);
    } else {
        answer(c);
    }
}
