/* See progress.h. */
#include "batch/progress.h"

#include "core/limiter.h"

#include <string.h>

enum { LAST_JOBS_MS = 3000 };

/* Uploads at the limit, from the next place on. */
static int64_t time_at_limit(struct pace *pace, int64_t queued, struct mono now)
{
    int64_t limit = (int64_t)pace_rate_per_minute(pace, PACE_POST);
    limit = limit > 0 ? limit : 1;
    int64_t windows = (queued + limit - 1) / limit - (queued > 0);
    int64_t ms = windows * LIMITER_WINDOW_MS;
    struct mono place = pace_next_post_place(pace, now);
    if (queued > 0 && place.ms < INT64_MAX)
        ms += mono_diff(place, now);
    return ms;
}

/* At the limit, or at the speed seen where there is none; then the last jobs. */
static int64_t estimate(const struct progress_sources *from, const struct batch_progress *p,
                        struct mono now)
{
    int64_t queued = p->by_state[DOC_QUEUED] + p->uploads_out;
    if (p->walking || (queued == 0 && p->stored_now == 0))
        return -1;
    int64_t elapsed = mono_diff(now, p->started);
    int64_t per_document = p->stored_now > 0 ? elapsed / p->stored_now : 0;
    int64_t uploads = pace_is_limited(from->pace, PACE_POST)
                          ? time_at_limit(from->pace, queued, now)
                          : per_document * queued;
    return uploads + (p->jobs ? LAST_JOBS_MS : 0);
}

/* A place is free, and this second's lease alone is waited for: no limit is near. */
static bool awaits_a_lease(struct pace *pace, struct mono now)
{
    return pace_next_post_place(pace, now).ms == MONO_NEVER.ms &&
           pace_room(pace, PACE_POST, now) > 0;
}

static unsigned pauses(const struct progress_sources *from, const struct batch_progress *p,
                       struct mono now)
{
    unsigned why = admit_pauses(from->admit);
    if (why & PAUSE_RATE && awaits_a_lease(from->pace, now))
        why &= ~(unsigned)PAUSE_RATE;
    if (ending_has_begun(from->ending))
        why |= PAUSE_STOPPING;
    if (find_waits(from->find))
        why |= PAUSE_FILES;
    if (!why && !p->jobs && !p->uploads_out && admit_tries_later(from->admit))
        why = PAUSE_AGAIN;
    return why;
}

void progress_fill(struct batch_progress *p, const struct progress_sources *from,
                   struct mono started)
{
    struct ledger_counts c;
    struct mono now = clock_mono(from->context->clock);
    memset(p, 0, sizeof *p);
    p->eta_ms = -1;
    if (ledger_totals(from->context->ledger, &c) < 0)
        return;
    p->files = c.files;
    p->documents = c.documents;
    p->dismissed = c.dismissed;
    memcpy(p->by_state, c.by_state, sizeof p->by_state);
    p->walking = find_is_walking(from->find);
    p->uploads_out = (int)flights_count(from->flights, DOC_SUBMITTING);
    p->unread_waits = find_has_patience(from->find);
    p->resends = flights_busy(from->flights);
    p->jobs = (int)flights_with_jobs(from->flights);
    p->stored_now = flights_tally(from->flights)->stored;
    p->pauses = pauses(from, p, now);
    if (pace_is_limited(from->pace, PACE_POST))
        p->post_limit = pace_rate_per_minute(from->pace, PACE_POST);
    p->started = started;
    p->eta_ms = p->pauses & PAUSE_AGAIN ? -1 : estimate(from, p, now);
}
