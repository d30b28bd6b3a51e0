/* The fake Mindee itself: what it accepts, refuses, remembers and forgets. It counts with a window
 * of its own, exact to the millisecond, that shares nothing with core's limiter. */
#include "world.h"

#include "base/require.h"
#include "virtual_loop.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TRAIT_REFUSED = 1, TRAIT_422, TRAIT_500, TRAIT_ENDLESS };

bool server_chance(struct world *w, double p)
{
    double unit = random_unit(&w->random);
    return !w->healed && unit < p;
}

bool server_outage(const struct world *w, int64_t at_ms, enum sim_outage_kind *kind)
{
    const struct sim_faults *f = &w->scenario->faults;
    int64_t since_ms = at_ms - VIRTUAL_MONO_START_MS; /* as outages are drawn */
    for (int i = 0; i < f->outage_count && !w->healed; i++)
        if (since_ms >= f->outages[i].from_ms && since_ms < f->outages[i].to_ms) {
            *kind = f->outages[i].kind;
            return true;
        }
    return false;
}

static bool revoked(const struct world *w, int64_t at_ms)
{
    int64_t since = w->scenario->faults.revoked_at_ms;
    return since && at_ms - VIRTUAL_MONO_START_MS >= since && !w->healed;
}

/* --- the window --- */

static int seen_within(const int64_t *times, int count, int64_t at_ms)
{
    int n = 0;
    for (int i = count; i-- > 0 && i > count - 3000;)
        n += times[i] > at_ms - SIM_KEY_WINDOW_MS && times[i] <= at_ms;
    return n;
}

/* What a second client with the same key takes away, another part every minute. */
static int others(const struct world *w, int limit, int64_t at_ms, int which)
{
    if (w->scenario->faults.shared <= 0 || w->healed)
        return 0;
    struct random r;
    random_init(&r,
                w->scenario->seed + (uint64_t)(at_ms / SIM_KEY_WINDOW_MS) * 2 + (uint64_t)which);
    return (int)(limit * w->scenario->faults.shared * random_unit(&r));
}

static bool over_limit(const struct world *w, int limit, const int64_t *times, int count,
                       int64_t at_ms, int which)
{
    return limit > 0 && seen_within(times, count, at_ms) + others(w, limit, at_ms, which) >= limit;
}

/* --- uploads --- */

static struct sim_job *make_job(struct world *w, int64_t at_ms, const struct sim_post *post)
{
    const struct scenario *s = w->scenario;
    const struct sim_faults *f = &s->faults;
    if (w->job_count == SIM_JOBS_MAX) {
        world_fail(w, "over %d uploads accepted", SIM_JOBS_MAX);
        return &w->jobs[0];
    }
    struct sim_job *job = &w->jobs[w->job_count++];
    *job = (struct sim_job){.ledger = post->ledger,
                            .content = post->content,
                            .document = post->document,
                            .attempt = post->attempt,
                            .settings = post->settings,
                            .accepted_ms = at_ms};
    random_uuid(&w->random, job->id);
    snprintf(job->alias, sizeof job->alias, "%s", post->alias);
    for (int i = 0; i < w->job_count - 1; i++)
        if (sim_job_is_of(&w->jobs[i], post->ledger, post->document) &&
            (w->jobs[i].content != post->content || w->jobs[i].settings != post->settings))
            world_fail(w,
                       "document %" PRId64 " was sent with content %d under settings %d, and then "
                       "with %d under %d",
                       post->document, w->jobs[i].content, w->jobs[i].settings, post->content,
                       post->settings);
    double factor = exp(0.6 * random_normal(&w->random));
    job->done_ms = at_ms + 50 + (int64_t)(factor * (double)s->job_typical_ms);
    if (server_chance(w, f->slow_job))
        job->done_ms += (int64_t)random_below(&w->random, 300000);
    if (w->healed)
        return job;
    if (scenario_trait(s, post->content, TRAIT_ENDLESS, f->endless_job))
        job->done_ms = INT64_MAX;
    else if (scenario_trait(s, post->content, TRAIT_422, f->job_422))
        job->end = JOB_END_422;
    else if (server_chance(w, f->job_500))
        job->end = JOB_END_500;
    return job;
}

struct sim_job *server_accept(struct world *w, int64_t at_ms, const struct sim_post *post)
{
    struct sim_job *job = make_job(w, at_ms, post);
    if (w->scenario->webhooks.on && !w->is_scripted &&
        !job->ledger) /* the neighbour has no receiver */
        webhooks_plan(w, job);
    return job;
}

static void note(struct world *w, int64_t *times, int *count, int64_t at_ms)
{
    if (*count == SIM_REQUESTS_MAX)
        world_fail(w, "over %d requests", SIM_REQUESTS_MAX);
    else
        times[(*count)++] = at_ms;
}

void server_cut_post(struct world *w, int64_t at_ms)
{
    note(w, w->post_ms, &w->post_count, at_ms);
}

/* The verdicts that need no acceptance to be decided. */
static bool refuse(struct world *w, int64_t at_ms, const struct sim_post *post,
                   enum sim_verdict *verdict)
{
    const struct scenario *s = w->scenario;
    const struct sim_faults *f = &s->faults;
    bool limited = over_limit(w, s->post_per_minute, w->post_ms, w->post_count, at_ms, 0);
    note(w, w->post_ms, &w->post_count, at_ms);
    if (revoked(w, at_ms))
        *verdict = VERDICT_401;
    else if (limited || server_chance(w, f->spurious_429))
        *verdict = VERDICT_429;
    else if (!w->healed && scenario_trait(s, post->content, TRAIT_REFUSED, f->refused_file))
        *verdict = VERDICT_REFUSED;
    else if (server_chance(w, f->own_5xx))
        *verdict = VERDICT_OWN_5XX;
    else
        return false;
    w->answered_429 += *verdict == VERDICT_429;
    return true;
}

enum sim_verdict server_post(struct world *w, int64_t at_ms, const struct sim_post *post,
                             struct sim_job **job)
{
    const struct sim_faults *f = &w->scenario->faults;
    enum sim_verdict verdict;
    *job = NULL;
    if (refuse(w, at_ms, post, &verdict))
        return verdict;
    if (server_chance(w, f->doubt_refused))
        return VERDICT_BROKEN;
    if (server_chance(w, f->gateway)) {
        if (random_below(&w->random, 2))
            *job = server_accept(w, at_ms, post);
        return VERDICT_GATEWAY;
    }
    *job = server_accept(w, at_ms, post);
    if (server_chance(w, f->doubt_accepted))
        return VERDICT_BROKEN;
    return server_chance(w, f->no_job_id) ? VERDICT_NO_JOB_ID : VERDICT_ACCEPTED;
}

/* --- GETs --- */

int server_get(struct world *w, int64_t at_ms)
{
    const struct scenario *s = w->scenario;
    bool limited = over_limit(w, s->get_per_minute, w->get_ms, w->get_count, at_ms, 1);
    note(w, w->get_ms, &w->get_count, at_ms);
    if (revoked(w, at_ms))
        return 401;
    if (limited || server_chance(w, s->faults.spurious_429 / 4)) {
        w->answered_429++;
        return 429;
    }
    return server_chance(w, s->faults.get_5xx) ? 500 : 0;
}

struct sim_job *server_job(struct world *w, const char *id)
{
    for (int i = 0; i < w->job_count; i++)
        if (strcasecmp(w->jobs[i].id, id) == 0)
            return &w->jobs[i];
    return NULL;
}

bool sim_job_is_of(const struct sim_job *job, int ledger, int64_t document)
{
    return !job->forgotten && job->ledger == ledger && job->document == document;
}

static bool expired(const struct world *w, const struct sim_job *job, int64_t at_ms)
{
    int64_t life = w->scenario->faults.expiry_ms;
    return job->expired || (life && job->done_ms < INT64_MAX && at_ms > job->done_ms + life);
}

bool server_job_is_gone(struct world *w, struct sim_job *job, int64_t at_ms)
{
    bool early = !w->healed && at_ms < job->accepted_ms + w->scenario->faults.job_404_ms;
    job->seen_early = job->seen_early || early;
    return early || expired(w, job, at_ms);
}

bool server_result_is_gone(struct world *w, struct sim_job *job, int64_t at_ms)
{
    bool early = !w->healed && at_ms < job->done_ms + w->scenario->faults.result_404_ms;
    return early || job->deleted || expired(w, job, at_ms) || at_ms < job->done_ms;
}

int server_result_of(const struct world *w, const struct sim_job *job, const char *id,
                     const char *alias, int content, char *out, size_t size)
{
    int n = snprintf(
        out, size,
        "{\"inference\": {\"id\": \"r-%s\", \"job\": {\"id\": \"%s\"}, \"model\": "
        "{\"id\": \"%s\"}, \"file\": {\"name\": "
        "\"%d\", \"page_count\": %d, \"alias\": \"%s\"}, \"result\": {\"fields\": "
        "{\"content\": {\"value\": %d}, \"total\": {\"value\": %" PRId64 ".10}}}}}",
        id, id, job->settings == 1 && w->scenario->other_model ? SIM_OTHER_MODEL : SIM_MODEL,
        content, scenario_pages(w->scenario, job->content), alias, content, job->accepted_ms);
    REQUIRE(n > 0 && (size_t)n < size);
    return n;
}

int server_result(const struct world *w, const struct sim_job *job, char *out, size_t size)
{
    return server_result_of(w, job, job->id, job->alias, job->content, out, size);
}

void server_heal(struct world *w)
{
    w->healed = true;
    for (int i = 0; i < w->job_count; i++)
        if (w->jobs[i].done_ms > w->mono_ms + 60000)
            w->jobs[i].done_ms = w->mono_ms + 1000;
}
