/* See hearing.h. The silence itself is counted where requests leave and are answered (pace.c). Here
 * is what makes it one: something is wanted. A batch with nothing to ask isn't silent, nor one that is
 * held up by something else (a share that is away, a budget, a full disk). */
#include "batch/hearing.h"

#include "base/log.h"
#include "base/units.h"
#include "batch/exit_code.h"

#include <stdlib.h>

enum { TELL_MS = 10 * 60 * 1000 };

struct hearing {
    struct run_context *context;
    struct upload_neighbours with;
    struct admit *admit;
    struct silence *silence;
    struct silence_limits limits;
    int64_t lasted_ms; /* the newest silence, as it was seen last */
    struct wall since; /* likewise */
    bool watches;      /* the loop, for being held up */
    void (*told)(void *ctx, const struct hearing_news *news);
    void *told_ctx;
};

struct hearing *hearing_new(struct run_context *c, const struct upload_neighbours *with,
                            struct admit *admit)
{
    struct hearing *h = xcalloc(1, sizeof *h);
    h->context = c;
    h->with = *with;
    h->admit = admit;
    h->silence = pace_silence(with->pace);
    h->limits = (struct silence_limits){TELL_MS, c->options->patience_ms};
    return h;
}

void hearing_free(struct hearing *h)
{
    free(h);
}

void hearing_on_news(struct hearing *h, void (*told)(void *ctx, const struct hearing_news *news),
                     void *ctx)
{
    h->told = told;
    h->told_ctx = ctx;
}

/* --- what is wanted --- */

static bool is_wanted(const struct hearing *h)
{
    bool held_up = (admit_pauses(h->admit) & (PAUSE_FILES | PAUSE_DISK | PAUSE_BUDGET)) != 0;
    return flights_with_jobs(h->with.flights) > 0 || flights_busy(h->with.flights) ||
           (admit_busy(h->admit) && !held_up);
}

static int64_t waiting(const struct hearing *h)
{
    struct ledger_counts c;
    if (ledger_counts(h->context->ledger, &c) < 0)
        return 0;
    return c.by_state[DOC_QUEUED] + c.by_state[DOC_SUBMITTING] + c.by_state[DOC_PROCESSING] +
           c.by_state[DOC_READY];
}

/* --- what is said --- */

static void tell(struct hearing *h, bool back, bool ends_run)
{
    const struct hearing_news news = {.back = back,
                                      .ends_run = ends_run,
                                      .silent_ms = h->lasted_ms,
                                      .since = h->since,
                                      .waiting = waiting(h),
                                      .server = h->context->options->origin};
    char since[WALL_TEXT_MAX];
    log_time_told(news.since, since);
    if (back)
        LOG(LOG_WARNING, "mindee.answers_again", LOG_STR("server", news.server),
            LOG_STR("silent_since", since), LOG_MS("silent_for", news.silent_ms),
            LOG_INT("documents", news.waiting), LOG_STR("next", "the batch goes on"));
    else
        LOG(LOG_WARNING, "mindee.silent", LOG_STR("server", news.server), LOG_STR("since", since),
            LOG_INT("documents", news.waiting),
            LOG_STR("next", ends_run ? "the run ends; nothing is lost"
                                     : "check the network, the proxy and Mindee's status; it is "
                                       "asked again and again"));
    if (h->told)
        h->told(h->told_ctx, &news);
}

static void patience_is_over(struct hearing *h)
{
    char lasted[UNITS_TEXT_MAX], since[WALL_TEXT_MAX], count[UNITS_TEXT_MAX];
    bool ends = h->context->options->mode == RUN_ONCE;
    tell(h, false, ends);
    if (ends)
        ending_early(h->with.ending, EXIT_RESUMABLE,
                     "no answer from %s for %s (since %s), the longest that api.patience allows: "
                     "check the network and the proxy, then run the same command again; nothing is "
                     "lost, %s documents wait",
                     h->context->options->origin, duration_format(h->lasted_ms, lasted),
                     log_time_told(h->since, since), count_format(waiting(h), count));
}

/* --- the part --- */

static void watch(struct hearing *h, bool on)
{
    if (h->watches != on)
        loop_watch_stalls(h->context->loop, on);
    h->watches = on;
}

static void measure(struct hearing *h, struct mono awake)
{
    int64_t ms = silence_ms(h->silence, awake);
    if (!ms)
        return;
    h->lasted_ms = ms;
    h->since.ms = clock_wall(h->context->clock).ms - ms;
}

void hearing_turn(struct hearing *h, struct mono now)
{
    (void)now;
    struct mono awake = loop_awake(h->context->loop);
    if (ending_has_begun(h->with.ending) || h->context->options->mode == RUN_RECEIVES) {
        watch(h, false);
        return;
    }
    if (!is_wanted(h))
        silence_rests(h->silence);
    watch(h, h->silence->lasts);
    if (!h->silence->back)
        measure(h, awake);
    switch (silence_look(h->silence, awake, &h->limits)) {
    case SILENCE_LASTS:
        tell(h, false, false);
        break;
    case SILENCE_OVER:
        patience_is_over(h);
        break;
    case SILENCE_BACK:
        tell(h, true, false);
        break;
    case SILENCE_NOTHING:
        break;
    }
}

/* By the loop's clock, which runs ahead of the one that stands while the process does. */
struct mono hearing_next(const struct hearing *h, struct mono now)
{
    struct mono at = silence_next(h->silence, &h->limits);
    if (at.ms == MONO_NEVER.ms || ending_has_begun(h->with.ending) ||
        h->context->options->mode == RUN_RECEIVES)
        return MONO_NEVER;
    int64_t ahead = mono_diff(at, loop_awake(h->context->loop));
    return mono_add(now, ahead > 1 ? ahead : 1);
}

void hearing_close(struct hearing *h)
{
    watch(h, false);
}
