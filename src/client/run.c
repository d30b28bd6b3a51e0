/* mindee_run: a document sent, waited for and fetched. See mindee.h.
 *
 * A run makes one call after the other, with itself as their ctx, and sleeps between them: upload, then GETs of the
 * job until it says that it is done, then GET result. run_next() looks at each answer and says what follows; what ends
 * the run is handed to the caller as it came, but that the job, once there is one, stays named in it. The upload is
 * made once, whatever happens; a GET that failed in passing is made again at the time of the next. A run is in its
 * client's list until it has answered. */
#include "base/text.h"
#include "client/client_internal.h"
#include "client/payload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum run_stage { RUN_SENDING, RUN_ASKING, RUN_FETCHING };

struct run {
    struct list node;
    struct mindee_client *client;
    struct loop_timer *timer;
    struct mindee_polling polling;
    enum run_stage stage;
    bool waits; /* no call is under way */
    bool cancelled;
    struct mono ends;      /* no GET of the job after it */
    struct mindee_job job; /* its texts are the buffer's; id NULL: none yet */
    char *texts;
    mindee_cb cb;
    void *ctx;
};

/* The last thing done to a run: CB may close the client. */
static void run_end(struct run *run, const struct mindee_response *response)
{
    struct mindee_response last = *response;
    list_remove(&run->node);
    loop_timer_close(run->timer);
    if (run->job.id) {
        last.delivery = MINDEE_ANSWERED;
        if (!last.job)
            last.job = &run->job;
    }
    run->cb(run->ctx, &last);
    free(run->texts);
    free(run);
}

static void run_end_alone(struct run *run, enum mindee_fault fault, const char *text)
{
    const struct mindee_response response = {
        .delivery = MINDEE_NOT_SENT,
        .fault = fault,
        .text = text,
        .retry_after_ms = -1,
        .body = "",
    };
    run_end(run, &response);
}

/* Keeps what is known of the job beyond the answer that told it. */
static void run_keep_job(struct run *run, const struct mindee_job *job)
{
    const char *from[] = {job->id, job->alias, job->created_at, job->completed_at, job->result_url};
    const char **to[] = {&run->job.id, &run->job.alias, &run->job.created_at,
                         &run->job.completed_at, &run->job.result_url};
    enum { TEXTS = sizeof from / sizeof *from };
    size_t size = 0;
    for (int i = 0; i < TEXTS; i++)
        size += strlen(from[i]) + 1;
    char *texts = xcalloc(1, size), *p = texts;
    run->job = (struct mindee_job){.status = job->status};
    for (int i = 0; i < TEXTS; i++) {
        *to[i] = strcpy(p, from[i]);
        p += strlen(p) + 1;
    }
    free(run->texts);
    run->texts = texts;
}

static void run_wait(struct run *run, int64_t ms)
{
    run->waits = true;
    struct mono at = mono_add(loop_now(run->client->loop), ms);
    loop_timer_set(run->timer, mono_min(at, run->ends));
}

static bool passes(const struct mindee_response *r)
{
    if (r->fault != MINDEE_OK)
        return r->fault == MINDEE_CONNECT || r->fault == MINDEE_BROKEN ||
               r->fault == MINDEE_TIMEOUT || r->fault == MINDEE_TURNED_AWAY;
    return r->status == 408 || r->status == 429 || r->status >= 500;
}

static void on_answer(void *ctx, const struct mindee_response *r);

static void run_fetch(struct run *run)
{
    run->stage = RUN_FETCHING;
    run->waits = false;
    mindee_get_result(run->client, run->job.result_url, on_answer, run);
}

/* What follows upon R. */
static void run_next(struct run *run, const struct mindee_response *r)
{
    bool job = r->fault == MINDEE_OK && r->job;
    if (run->stage == RUN_SENDING && job) {
        run_keep_job(run, r->job);
        run->ends = mono_add(loop_now(run->client->loop), run->polling.timeout_ms);
        run->stage = RUN_ASKING;
        run_wait(run, run->polling.first_ms);
        return;
    }
    if (run->stage == RUN_ASKING && job && r->job->status == MINDEE_JOB_PROCESSED) {
        run_keep_job(run, r->job);
        run_fetch(run);
        return;
    }
    bool processing = run->stage == RUN_ASKING && job && r->job->status == MINDEE_JOB_PROCESSING;
    if (processing || (run->stage != RUN_SENDING && passes(r))) {
        int64_t ms = run->polling.every_ms;
        run_wait(run, r->retry_after_ms > ms ? r->retry_after_ms : ms);
        return;
    }
    run_end(run, r);
}

static void on_answer(void *ctx, const struct mindee_response *r)
{
    struct run *run = ctx;
    run->waits = true;
    if (run->client->closing || run->cancelled)
        run_end(run, r);
    else
        run_next(run, r);
}

static void on_timer(void *ctx)
{
    struct run *run = ctx;
    struct mindee_client *client = run->client;
    char text[MINDEE_TEXT_MAX];
    if (run->cancelled) {
        run_end_alone(run, MINDEE_CANCELLED, "cancelled");
    } else if (mono_reached(loop_now(client->loop), run->ends)) {
        snprintf(text, sizeof text,
                 "the job wasn't done after %" PRId64 " s: its result can be had later, by its id",
                 run->polling.timeout_ms / 1000);
        run_end_alone(run, MINDEE_TIMEOUT, text);
    } else if (run->stage == RUN_FETCHING) {
        run_fetch(run);
    } else {
        run->waits = false;
        if (mindee_get_job(client, run->job.id, on_answer, run) < 0)
            run_end_alone(run, MINDEE_UNEXPECTED, "the job's id can't be asked for");
    }
    client_maybe_closed(client);
}

void runs_cancel(struct mindee_client *client, const void *ctx, bool all)
{
    LIST_EACH (node, &client->runs) {
        struct run *run = LIST_ENTRY(node, struct run, node);
        if (!all && run->ctx != ctx)
            continue;
        run->cancelled = true;
        if (run->waits)
            loop_timer_set(run->timer, loop_now(client->loop));
        else if (!all)
            calls_cancel(client, run);
    }
}

static int read_polling(struct mindee_polling *out, const struct mindee_polling *given,
                        struct error *e)
{
    enum { FIRST_MS = 3000, EVERY_MS = 1000, TIMEOUT_MS = 600000 };
    *out = (struct mindee_polling)MINDEE_POLLING_INIT;
    if (given && sized_copy(out, sizeof *out, given, "mindee_polling", e) < 0)
        return ERR_USAGE;
    if (out->first_ms < 0 || out->every_ms < 0 || out->timeout_ms < 0)
        return error_set(e, ERR_USAGE, "struct mindee_polling has a time below 0");
    out->first_ms = out->first_ms ? out->first_ms : FIRST_MS;
    out->every_ms = out->every_ms ? out->every_ms : EVERY_MS;
    out->timeout_ms = out->timeout_ms ? out->timeout_ms : TIMEOUT_MS;
    return 0;
}

int mindee_run(struct mindee_client *client, const struct mindee_enqueue *enqueue,
               const struct mindee_polling *polling, mindee_cb cb, void *ctx)
{
    struct mindee_polling how;
    if (read_polling(&how, polling, &client->refusal) < 0)
        return -1;
    struct run *run = xcalloc(1, sizeof *run);
    run->client = client;
    run->polling = how;
    run->cb = cb;
    run->ctx = ctx;
    if (mindee_enqueue(client, enqueue, on_answer, run) < 0) {
        free(run);
        return -1;
    }
    run->timer = loop_timer_new(client->loop, on_timer, run);
    list_push_back(&client->runs, &run->node);
    return 0;
}
