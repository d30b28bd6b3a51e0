/* See gets.h. */
#include "batch/gets.h"

#include "core/limiter.h"

#include <stdlib.h>

/* GETs at once; with uploads beside them fewer, so that both together stay within BOTH, or LEAST:
 * each request more at once is a connection more, with a handshake and buffers of its own. */
enum { AT_ONCE = 64, BOTH = 64, LEAST = 16 };

struct gets {
    struct gets_neighbours with;
};

struct gets *gets_new(const struct gets_neighbours *with)
{
    struct gets *g = xcalloc(1, sizeof *g);
    g->with = *with;
    return g;
}

void gets_free(struct gets *g)
{
    free(g);
}

int gets_out(const struct gets *g)
{
    return poll_out(g->with.poll) + fetch_out(g->with.fetch) + endpoint_check_out(g->with.check);
}

static int most_at_once(const struct gets *g)
{
    int left = BOTH - upload_out(g->with.upload);
    return left < LEAST ? LEAST : left < AT_ONCE ? left : AT_ONCE;
}

/* Results that will want a GET soon: due, or after a pause. */
static uint32_t results_waiting(const struct gets *g)
{
    size_t fetching = (size_t)fetch_out(g->with.fetch);
    size_t ready = flights_count(g->with.flights, DOC_READY);
    return (uint32_t)(ready > fetching ? ready - fetching : 0);
}

enum next { NOTHING, RESULT, POLL };

/* What is asked next; NOTHING until something else has happened. */
static enum next next_kind(const struct gets *g)
{
    if (journal_down(g->with.journal) || ending_life(g->with.ending) >= RUN_STOPPING)
        return NOTHING; /* what came could not be kept */
    if (gets_out(g) >= most_at_once(g))
        return NOTHING;
    if (fetch_waits(g->with.fetch) && publish_has_room(g->with.publish))
        return RESULT;
    return ending_has_begun(g->with.ending) || !poll_waits(g->with.poll) ? NOTHING : POLL;
}

/* A poll leaves room for the results that may come of it and of others. */
static bool has_room(struct gets *g, enum next kind, struct mono now)
{
    uint32_t polls_out = (uint32_t)(poll_out(g->with.poll) + endpoint_check_out(g->with.check));
    return kind == RESULT ||
           poll_may_go(pace_room(g->with.pace, PACE_GET, now), polls_out, results_waiting(g));
}

static bool wants_check(const struct gets *g)
{
    return endpoint_check_is_due(g->with.check) && upload_has_begun(g->with.upload);
}

void gets_turn(struct gets *g, struct mono now)
{
    struct pace *pace = g->with.pace;
    enum next kind;
    if (wants_check(g) && !ending_has_begun(g->with.ending) && !pace_service_down(pace) &&
        mono_reached(now, pace_next_request(pace, PACE_GET, now)))
        endpoint_check_send(g->with.check, now);
    while ((kind = next_kind(g)) != NOTHING && pace_service_up(pace, now) &&
           mono_reached(now, pace_next_request(pace, PACE_GET, now)) && has_room(g, kind, now)) {
        if (kind == RESULT)
            fetch_send(g->with.fetch, now);
        else
            poll_send(g->with.poll, now);
    }
}

/* Room comes in the limiter's slots. */
struct mono gets_next(struct gets *g, struct mono now)
{
    enum next kind = next_kind(g);
    if (kind == NOTHING)
        return MONO_NEVER;
    struct mono at = mono_max(pace_next_request(g->with.pace, PACE_GET, now),
                              pace_service_next(g->with.pace, now));
    return mono_max(at, mono_add(now, has_room(g, kind, now) ? 1 : LIMITER_SLOT_MS));
}

bool gets_busy(const struct gets *g)
{
    return endpoint_check_out(g->with.check) > 0 && !ending_has_begun(g->with.ending);
}

/* A job whose next poll is farther away needs none yet. */
uint32_t gets_wanted(const struct gets *g, bool soon)
{
    size_t jobs = flights_with_jobs(g->with.flights);
    bool may_ask = soon || poll_waits(g->with.poll) || fetch_waits(g->with.fetch) ||
                   gets_out(g) > 0 || upload_out(g->with.upload) > 0 || wants_check(g);
    if (jobs == 0 || ending_life(g->with.ending) >= RUN_STOPPING || !may_ask)
        return 0;
    return (uint32_t)jobs * 2 + (uint32_t)AT_ONCE;
}
