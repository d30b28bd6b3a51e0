/* See served_batch.h. The happy path: opened once at the start, the ledger says that nothing is due; the
 * duty rests until the calendar's next occurrence, opens the batch again, takes what is due (its
 * row committed), runs, writes the reports, ends the row, and looks once more.
 *
 * How it can fail: the ledger belongs to another run (waited for, said once); the options or the
 * ledger can't be read (said once, tried again each minute); the run ends early. If that can mend
 * itself (a full disk, jobs still processing) the period stays open, and its run goes on a little
 * later, a few times; if Mindee refuses, the period is over with that exit code and somebody is
 * told.
 *
 * A process that dies leaves the period's row at "running": the next one goes on under it. */
#include "service/served_batch.h"
#include "base/log.h"
#include "base/text.h"
#include "service/served_batch_end.h"
#include "service/served_batch_forecast.h"
#include "service/served_batch_run.h"

#include <string.h>

enum {
    BUSY_MS = 30 * 1000,    /* between two tries at a ledger that is in use */
    TROUBLE_MS = 60 * 1000, /* at one that can't be opened */
};

void served_batch_init(struct served_batch *d, const struct served_entry *entry,
                       const struct served_batch_host *host)
{
    *d = (struct served_batch){.entry = entry, .host = host};
}

/* --- the beginning of a run --- */

/* Opens the batch and begins what there is to do; rests if there is nothing. */
static int try_to_begin(struct served_batch *d, struct error *e)
{
    bool scheduled = false;
    d->look = false;
    int rc = served_batch_open(d, e);
    if (rc < 0)
        return rc;
    struct wall before = d->looked_at;
    rc = served_batch_take(d, &scheduled, e);
    if (rc < 0 && d->entry->calendar && !d->waited_from.ms)
        d->waited_from = before; /* what is due was seen, and waits */
    if (rc < 0 || (!scheduled && !d->entry->stays)) {
        served_batch_close(d);
        d->state = SERVED_RESTING;
        return rc;
    }
    if (scheduled)
        served_batch_prepare(d);
    else
        served_batch_start(d, false);
    return 0;
}

static void tell_trouble(struct served_batch *d, const struct error *e)
{
    int code = exit_code_of(e);
    service_notice(&d->host->notices, &(struct service_notice){.kind = NOTICE_TROUBLE,
                                                               .entry = d->entry,
                                                               .exit_code = code,
                                                               .text = e->text});
    notifier_run_ended(served_batch_notifier(d), code, e->text);
}

/* It can't be opened for now; said once, tried again. */
static void wait_for_it(struct served_batch *d, const struct error *e)
{
    bool busy = e->code == ERR_BUSY;
    bool news = strncmp(d->said, e->text, sizeof d->said - 1) != 0;
    if (busy) /* whose words name another process each time */
        news = strncmp(d->said, "busy", 4) != 0;
    if (news && busy)
        LOG(LOG_WARNING, "serve.waits", LOG_STR("batch", served_batch_name(d)),
            LOG_STR("cause", e->text),
            LOG_STR("next", "it is tried again until the ledger is free"));
    else if (news)
        tell_trouble(d, e);
    text_copy(d->said, sizeof d->said, busy ? "busy" : e->text);
    if (d->entry->calendar && !d->waited_from.ms)
        d->waited_from = d->looked_at;
    served_batch_rest(d, busy ? BUSY_MS : TROUBLE_MS);
}

int served_batch_begin(struct served_batch *d, struct error *e)
{
    served_batch_looked(d, served_batch_wall(d));
    int rc = try_to_begin(d, e);
    if (rc == ERR_BUSY) {
        wait_for_it(d, e);
        rc = 0;
    }
    return rc;
}

/* --- turns --- */

/* Whether the calendar has something between the last look and now. A clock that went back is
 * looked at from where it is. */
static bool occurrence_came(struct served_batch *d)
{
    struct wall now = served_batch_wall(d);
    if (!d->entry->calendar)
        return false;
    if (now.ms < d->looked_at.ms) {
        char was[WALL_TEXT_MAX];
        if (d->looked_at.ms - now.ms > AGENDA_GRACE_MS)
            LOG(LOG_WARNING, "serve.clock_back", LOG_STR("batch", served_batch_name(d)),
                LOG_STR("was", wall_format(d->looked_at, was)),
                LOG_STR("what", "runs that have been are not run again"));
        served_batch_looked(d, now);
    }
    return d->has_next && d->next.at.ms <= now.ms;
}

static void drain(struct served_batch *d)
{
    d->state = SERVED_DRAINING;
    batch_stop(d->batch, BATCH_DRAIN);
}

/* While a run stays its ledger is open: only what really is due ends it. */
static void make_room(struct served_batch *d)
{
    struct agenda a = served_batch_agenda(d);
    struct due due;
    int n = agenda_due(&a, batch_ledger(d->batch), served_batch_wall(d), &due);
    if (n == 0) {
        served_batch_looked(d, served_batch_wall(d));
        return;
    }
    d->waited_from = d->looked_at;
    drain(d);
}

static bool word_is_out(const struct served_batch *d)
{
    return !d->word || (d->word->closed && !d->word->older);
}

void served_batch_turn(struct served_batch *d)
{
    struct error e;
    if (d->ended)
        served_batch_run_ended(d);
    if (d->stopping && d->forecast.entry)
        forecast_stop(&d->forecast);
    if (d->stopping && d->state == SERVED_FORECAST) { /* its row stays */
        served_batch_close(d);
        d->state = SERVED_OVER;
        d->exit_code = EXIT_RESUMABLE;
    }
    if (d->stopping && !d->batch && d->state != SERVED_OVER) {
        d->state = SERVED_OVER;
        d->exit_code = EXIT_ALL_STORED;
    }
    bool reaped = batch_notifier_reap(d->word);
    if (d->state == SERVED_OVER && !reaped && !d->word->closing)
        batch_notifier_close(d->word, d->stopping);
    if (d->state == SERVED_OVER && d->batch && word_is_out(d))
        served_batch_close(d);
    if (d->stopping)
        return;
    if (d->state == SERVED_FORECAST)
        served_batch_turn_forecast(d);
    if ((d->state == SERVED_STAYING || d->state == SERVED_RESTING) &&
        served_batch_wants_forecast(d))
        served_batch_forecast_ahead(d);
    if (d->state == SERVED_STAYING && occurrence_came(d))
        make_room(d);
    if (d->state != SERVED_RESTING)
        return;
    bool now = d->look ? mono_reached(loop_now(d->host->loop), d->again_at) : occurrence_came(d);
    if (now && try_to_begin(d, &e) < 0)
        wait_for_it(d, &e);
}

struct mono served_batch_next(const struct served_batch *d)
{
    struct mono now = loop_now(d->host->loop);
    if (d->stopping || d->state == SERVED_OVER || d->state == SERVED_RUNNING ||
        d->state == SERVED_DRAINING)
        return MONO_NEVER;
    if (d->state == SERVED_FORECAST)
        return d->forecast_until;
    if (d->state == SERVED_RESTING && d->look)
        return d->again_at;
    if (!d->has_next)
        return MONO_NEVER;
    int64_t ahead = d->next.at.ms - served_batch_wall(d).ms;
    if (d->forecast_of.ms != d->next.at.ms && ahead > d->entry->forecast_ms)
        ahead -= d->entry->forecast_ms;
    return mono_add(now, ahead > 0 ? ahead : 0);
}

void served_batch_stop(struct served_batch *d, enum batch_stop how)
{
    d->stopping = true;
    if (d->batch && !d->ended && d->state != SERVED_FORECAST && d->state != SERVED_OVER)
        batch_stop(d->batch, how);
    if (how == BATCH_NOW && d->word && d->word->closing)
        batch_notifier_close(d->word, true);
    d->host->poke(d->host->ctx);
}

bool served_batch_over(const struct served_batch *d)
{
    return d->state == SERVED_OVER && !d->batch && word_is_out(d);
}

bool served_batch_uses(const struct served_batch *d, const struct served_batches *r)
{
    const struct served_entry *entry = d->running_on;
    return (entry && entry >= r->entries && entry < r->entries + r->count) ||
           batch_notifier_uses(d->word, r);
}

void served_batch_reload(struct served_batch *d, const struct served_entry *entry)
{
    bool same = config_same(d->entry->config, entry->config);
    forecast_stop(&d->forecast); /* of the old one: the run begins without */
    d->forecast_of = (struct wall){0};
    d->entry = entry;
    d->notifier_is_old = d->notifier_is_old || !same;
    served_batch_looked(d, d->looked_at);
    if (d->state == SERVED_STAYING && !d->ended && !same)
        drain(d);
    else if (d->state == SERVED_RESTING) /* rules may be new: their first sight is to be noted */
        served_batch_rest(d, 0);
    d->host->poke(d->host->ctx);
}

void served_batch_release(struct served_batch *d)
{
    REQUIRE(!d->batch && !d->forecast.entry);
    batch_notifier_free(d->word);
    (void)d;
}
