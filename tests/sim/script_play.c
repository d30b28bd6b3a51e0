/* See script_play.h. */
#include "script_play.h"

#include "fake_call.h"
#include "fake_receiver.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LONG_AFTER_MS = 61000, MOST_STEPS = 20000, COMMIT_MS = 20 };
#define MOST_MS (INT64_C(4) * 3600 * 1000)

/* --- reading --- */

/* What no run can be made to do by what comes from outside. */
static bool can_be_played(const char *word)
{
    static const char *const others[] = {"poll_gives_up", "fetch_gives_up", "poll_foreign",
                                         "fetch_foreign", "canary",         "file_again",
                                         "source_gone",   "source_changed"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(word, others[i]) == 0)
            return false;
    return true;
}

static bool read_line(struct script *s, const char *text)
{
    char doubt[8], webhooks[4];
    struct script_line *l = &s->lines[s->count];
    if (text[0] == '#' || text[0] == '\n')
        return true;
    if (sscanf(text, "rules attempts=%*d in_doubt=%7s webhooks=%3s", doubt, webhooks) == 2) {
        s->resend = strcmp(doubt, "resend") == 0;
        s->webhooks = strcmp(webhooks, "on") == 0;
        return true;
    }
    if (s->count == SCRIPT_LINES || sscanf(text, "%39s %d", l->word, &l->attempt) < 1)
        return false;
    s->count++;
    return can_be_played(l->word);
}

int script_play_read(struct script *s, const char *path)
{
    char text[200];
    int rc = 0;
    FILE *f = fopen(path, "re");
    *s = (struct script){0};
    if (!f) {
        fprintf(stderr, "simulate: %s can't be opened\n", path);
        return 2;
    }
    while (rc == 0 && fgets(text, sizeof text, f))
        if (!read_line(s, text)) {
            fprintf(stderr, "simulate: %s: this can't be played: %s", path, text);
            rc = 2;
        }
    fclose(f);
    return rc;
}

void script_play_scenario(const struct script *s, struct scenario *out)
{
    *out = (struct scenario){.file_count = 1,
                             .uploads = 1,
                             .max_attempts = 2,
                             .max_resends = 1,
                             .max_credits = -1,
                             .max_month = -1,
                             .price_tenths = 10,
                             .give_up_ms = 900000,
                             .hold = !s->resend,
                             .order = "name",
                             .job_typical_ms = 1000,
                             .latency_ms = 10,
                             .settings = 1,
                             .patience_ms = 600000,
                             .api_patience_ms = 3600000};
    out->webhooks = (struct sim_webhooks){
        .on = s->webhooks, .usual_ms = 1, .fallback_ms = 120000, .in_doubt_wait_ms = 120000};
}

/* --- Mindee's own steps --- */

static struct sim_job *job_of(struct world *w, int attempt)
{
    for (int i = 0; i < w->job_count; i++)
        if (w->jobs[i].attempt == attempt)
            return &w->jobs[i];
    return NULL;
}

static void arrive(struct world *w, int attempt)
{
    const struct sim_post *post = attempt <= SIM_SCRIPT_ATTEMPTS ? &w->scripted[attempt] : NULL;
    if (post && post->document && !job_of(w, attempt))
        server_accept(w, w->mono_ms, post)->done_ms = INT64_MAX;
}

static void end_job(struct world *w, int attempt, enum sim_job_end end)
{
    struct sim_job *job = job_of(w, attempt);
    if (!job)
        return;
    job->end = end;
    job->done_ms = w->mono_ms;
}

/* True: the line was one of these. */
static bool is_mindees(struct world *w, const struct script_line *l)
{
    if (strcmp(l->word, "arrives") == 0)
        arrive(w, l->attempt);
    else if (strcmp(l->word, "job_done") == 0)
        end_job(w, l->attempt, JOB_END_RESULT);
    else if (strcmp(l->word, "job_fails_422") == 0)
        end_job(w, l->attempt, JOB_END_422);
    else if (strcmp(l->word, "job_fails_500") == 0)
        end_job(w, l->attempt, JOB_END_500);
    else if (strcmp(l->word, "job_expires") == 0 && job_of(w, l->attempt))
        job_of(w, l->attempt)->deleted = job_of(w, l->attempt)->expired = true;
    else
        return strcmp(l->word, "job_expires") == 0;
    return true;
}

/* A retry is a run of its own here: it says so before anything else does. */
static bool begins_with_retry(const struct script *s, int at)
{
    for (int i = at; i < s->count; i++) {
        const char *word = s->lines[i].word;
        if (strcmp(word, "retry") == 0)
            return true;
        if (strcmp(word, "start") != 0 && strcmp(word, "commit") != 0 &&
            strcmp(word, "take_up") != 0)
            return false;
    }
    return false;
}

bool script_play_goes_on(const struct script *s, struct world *w, bool *retry)
{
    while (w->script_at < s->count) {
        const struct script_line *l = &s->lines[w->script_at];
        if (!is_mindees(w, l) && strcmp(l->word, "crash") != 0)
            break;
        w->script_at++;
    }
    *retry = begins_with_retry(s, w->script_at);
    return w->script_at < s->count;
}

/* --- answers --- */

struct answer {
    const char *word;
    enum call_kind kind;
    enum sim_verdict verdict; /* of an upload that was answered */
    int status;               /* of a GET; 0: as it is */
    enum mindee_fault fault;
    enum call_phase phase; /* of an upload that wasn't sent */
};

static const struct answer answers[] = {
    {.word = "not_sent", .kind = CALL_ENQUEUE, .phase = PHASE_UNSENT, .fault = MINDEE_CONNECT},
    {.word = "cut_short", .kind = CALL_ENQUEUE, .phase = PHASE_DOOMED, .fault = MINDEE_BROKEN},
    {"answer_429", CALL_ENQUEUE, VERDICT_429, 0, MINDEE_OK, PHASE_ANSWERED},
    {"answer_500", CALL_ENQUEUE, VERDICT_OWN_5XX, 0, MINDEE_OK, PHASE_ANSWERED},
    {"answer_400", CALL_ENQUEUE, VERDICT_REFUSED, 0, MINDEE_OK, PHASE_ANSWERED},
    {"answer_401", CALL_ENQUEUE, VERDICT_401, 0, MINDEE_OK, PHASE_ANSWERED},
    {"no_answer", CALL_ENQUEUE, VERDICT_BROKEN, 0, MINDEE_BROKEN, PHASE_ANSWERED},
    {"answer_202", CALL_ENQUEUE, VERDICT_ACCEPTED, 0, MINDEE_OK, PHASE_ANSWERED},
    {"unreadable_202", CALL_ENQUEUE, VERDICT_NO_JOB_ID, 0, MINDEE_OK, PHASE_ANSWERED},
    {.word = "poll_runs", .kind = CALL_JOB, .status = 200},
    {.word = "poll_ready", .kind = CALL_JOB, .status = 200},
    {.word = "poll_failed", .kind = CALL_JOB, .status = 200},
    {.word = "poll_404_fresh", .kind = CALL_JOB, .status = 404},
    {.word = "poll_404", .kind = CALL_JOB, .status = 404},
    {.word = "poll_again", .kind = CALL_JOB, .status = 200, .fault = MINDEE_BROKEN},
    {.word = "poll_401", .kind = CALL_JOB, .status = 401},
    {.word = "fetch_result", .kind = CALL_RESULT, .status = 200},
    {.word = "fetch_invalid", .kind = CALL_RESULT, .status = 200, .fault = MINDEE_UNEXPECTED},
    {.word = "fetch_404", .kind = CALL_RESULT, .status = 404},
    {.word = "fetch_again", .kind = CALL_RESULT, .status = 200, .fault = MINDEE_BROKEN},
    {.word = "fetch_401", .kind = CALL_RESULT, .status = 401},
};

static const struct answer *answer_of(const char *word)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(word, answers[i].word) == 0)
            return &answers[i];
    return NULL;
}

static struct call *find_call(struct world *w, enum call_kind kind, int attempt)
{
    struct mindee_client *client = fake_mindee_client();
    const struct sim_job *job = job_of(w, attempt);
    if (!client)
        return NULL;
    LIST_EACH (node, &client->calls) {
        struct call *c = LIST_ENTRY(node, struct call, node);
        bool own = kind == CALL_ENQUEUE ? c->post.attempt == attempt
                                        : job && strcmp(c->job_id, job->id) == 0;
        if (c->kind == kind && own)
            return c;
    }
    return NULL;
}

/* A job that is over, as it was when the GET left: an older truth. */
static void answer_as_running(struct call *c)
{
    int64_t done_ms = c->job->done_ms;
    c->job->done_ms = INT64_MAX;
    struct sim_job *job = c->job;
    get_answer_now(c);
    job->done_ms = done_ms;
}

static void give_answer(struct world *w, const struct answer *a, int attempt)
{
    struct call *c = find_call(w, a->kind, attempt);
    struct sim_job *job = job_of(w, attempt);
    bool accepted = a->verdict == VERDICT_ACCEPTED || a->verdict == VERDICT_NO_JOB_ID;
    if (!c || (a->kind == CALL_ENQUEUE && a->phase == PHASE_ANSWERED && accepted && !job) ||
        (a->kind != CALL_ENQUEUE && !job))
        return;
    c->job = job;
    c->fault = a->fault;
    c->verdict = a->verdict;
    c->status = a->status;
    c->phase = a->kind == CALL_ENQUEUE ? a->phase : PHASE_ANSWERED;
    if (strcmp(a->word, "poll_runs") == 0)
        answer_as_running(c);
    else if (a->kind == CALL_ENQUEUE)
        upload_goes_on(c);
    else
        get_answer_now(c);
}

/* --- the run --- */

static bool is_waiting(struct mindee_client *client, bool upload)
{
    LIST_EACH (node, &client->calls)
        if ((LIST_ENTRY(node, struct call, node)->kind == CALL_ENQUEUE) == upload)
            return true;
    return false;
}

/* Goes on until an upload, or a GET, is out. */
static void wait_for(struct world *w, struct loop *loop, const struct script_run *run, bool upload)
{
    int64_t until_ms = w->mono_ms + MOST_MS;
    for (int i = 0; i < MOST_STEPS && w->mono_ms < until_ms && !run->ended(run->ctx); i++)
        if (is_waiting(fake_mindee_client(), upload) || !virtual_loop_step(loop))
            return;
}

static bool next_is(const struct script *s, int at, const char *word)
{
    return at + 1 < s->count && strcmp(s->lines[at + 1].word, word) == 0;
}

static void play_line(const struct script *s, struct world *w, struct loop *loop,
                      const struct script_run *run)
{
    const struct script_line *l = &s->lines[w->script_at];
    const struct answer *a = answer_of(l->word);
    if (is_mindees(w, l))
        return;
    if (a)
        give_answer(w, a, l->attempt);
    else if (strcmp(l->word, "webhook") == 0 && job_of(w, l->attempt))
        webhooks_deliver(w, job_of(w, l->attempt));
    else if (strcmp(l->word, "commit") == 0)
        virtual_loop_turn(loop, COMMIT_MS);
    else if (strcmp(l->word, "admit") == 0)
        wait_for(w, loop, run, true);
    else if (strcmp(l->word, "send_get") == 0) {
        w->mono_ms += next_is(s, w->script_at, "poll_404_fresh") ? 0 : LONG_AFTER_MS;
        wait_for(w, loop, run, false);
    }
}

void script_play_run(const struct script *s, struct world *w, struct loop *loop,
                     const struct script_run *run)
{
    virtual_loop_turn(loop, 0);
    for (; w->script_at < s->count && !run->ended(run->ctx); w->script_at++) {
        const struct script_line *l = &s->lines[w->script_at];
        if (strcmp(l->word, "crash") == 0 || (strcmp(l->word, "retry") == 0 && !run->retries)) {
            fflush(NULL);
            _exit(0);
        }
        if (world_verbose)
            printf("%9lld %s %d\n", (long long)w->mono_ms - VIRTUAL_MONO_START_MS, l->word,
                   l->attempt);
        play_line(s, w, loop, run);
        if (w->failure[0])
            return;
    }
    if (w->script_at == s->count) {
        server_heal(w);
        fake_mindee_release();
    }
    loop_run(loop);
}
