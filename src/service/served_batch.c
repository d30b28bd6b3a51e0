/* See served_batch.h. The happy path: opened once at the start, the ledger says that nothing is
 * due; the batch rests until the calendar's next occurrence, is opened again, takes what is due
 * (its row committed), runs, writes the reports, ends the row, and checks once more what is due.
 *
 * How it can fail: the ledger belongs to another run, or a share with the inputs is away or doesn't
 * answer (waited for, said once); the options or the ledger can't be read (said once, tried again each
 * minute); the run ends early. If that can mend itself (a full disk, jobs still processing) the period
 * stays open, and its run goes on a little later, a few times; if Mindee refuses, the period is over
 * with that exit code and somebody is told.
 *
 * A process that dies leaves the period's row at "running": the next one goes on under it. */
#include "service/served_batch.h"
#include "base/log.h"
#include "base/text.h"
#include "service/served_batch_budget.h"
#include "service/served_batch_end.h"
#include "service/served_batch_forecast.h"
#include "service/served_batch_places.h"
#include "service/served_batch_run.h"

#include <string.h>

enum {
    BUSY_MS = 30 * 1000,    /* between two tries at a ledger that is in use */
    TROUBLE_MS = 60 * 1000, /* at one that can't be opened */
    AWAY_MS = 5 * 1000,     /* at a share that is away */
};

void served_batch_init(struct served_batch *s, const struct served_entry *entry,
                       const struct served_batch_host *host)
{
    *s = (struct served_batch){.entry = entry, .host = host};
}

/* --- the beginning of a run --- */

/* Opens the batch and begins what there is to do; rests if there is nothing. */
static int try_to_begin(struct served_batch *s, struct error *e)
{
    bool scheduled = false;
    s->open_again = false;
    int rc = served_batch_open(s, e);
    if (rc < 0)
        return rc;
    struct wall before = s->checked_until;
    rc = served_batch_take(s, &scheduled, e);
    if (rc < 0 && s->entry->calendar && !s->waited_from.ms)
        s->waited_from = before; /* what is due was seen, and waits */
    if (rc < 0)
        served_batch_close(s);
    else if (scheduled)
        served_batch_prepare(s);
    else if (s->entry->stays)
        served_batch_start(s, SERVED_STAYS);
    else if (served_batch_happens(s, SERVED_HAS_NOTHING) & SERVED_DO_CLOSE)
        served_batch_close(s);
    return rc;
}

static void tell_trouble(struct served_batch *s, const struct error *e)
{
    int code = exit_code_of(e);
    if (!s->notifier)
        served_batch_need_notifier(s);
    service_notice(&(struct service_notice){
        .kind = NOTICE_TROUBLE, .entry = s->entry, .exit_code = code, .text = e->text});
    notifier_run_ended(served_batch_notifier(s), code, e->text);
}

/* Said at once in the log, and to others when it has lasted for input.patience. */
static void wait_for_share(struct served_batch *s, const struct error *e)
{
    struct mono now = loop_now(s->host->loop);
    int64_t patience_ms = config_settings(s->entry->config)->input.patience;
    if (!s->away_since.ms) {
        s->away_since = now;
        s->away_told = false;
        LOG(LOG_WARNING, "input.unreadable_now", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("reason", e->text), LOG_STR("next", "the batch waits until it can be read"));
    }
    if (!s->away_told && mono_reached(now, mono_add(s->away_since, patience_ms))) {
        s->away_told = true;
        tell_trouble(s, e);
    }
    text_copy(s->trouble, sizeof s->trouble, e->text);
}

/* It can't be opened; said once, tried again. */
static int64_t wait_for_ledger(struct served_batch *s, const struct error *e)
{
    bool busy = e->code == ERR_BUSY;
    bool news = strncmp(s->trouble, e->text, sizeof s->trouble - 1) != 0;
    if (busy) /* whose words name another process each time */
        news = strncmp(s->trouble, "busy", 4) != 0;
    if (news && busy)
        LOG(LOG_WARNING, "serve.waits", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", e->text),
            LOG_STR("next", "it is tried again until the ledger is free"));
    else if (news)
        tell_trouble(s, e);
    text_copy(s->trouble, sizeof s->trouble, busy ? "busy" : e->text);
    s->away_since = (struct mono){0};
    return busy ? BUSY_MS : TROUBLE_MS;
}

static void wait_for_it(struct served_batch *s, const struct error *e)
{
    int64_t wait_ms = AWAY_MS;
    if (e->code == ERR_PASSING)
        wait_for_share(s, e);
    else
        wait_ms = wait_for_ledger(s, e);
    if (s->entry->calendar && !s->waited_from.ms)
        s->waited_from = s->checked_until;
    served_batch_rest(s, wait_ms);
}

int served_batch_begin(struct served_batch *s, struct error *e)
{
    served_batch_checked(s, served_batch_wall(s));
    int rc = try_to_begin(s, e);
    if (rc == ERR_BUSY || rc == ERR_PASSING) {
        wait_for_it(s, e);
        rc = 0;
    }
    return rc;
}

/* --- turns --- */

/* Whether the calendar has something between the last look and now. A clock that went back is
 * looked at from where it is. */
static bool occurrence_came(struct served_batch *s)
{
    struct wall now = served_batch_wall(s);
    if (!s->entry->calendar)
        return false;
    if (now.ms < s->checked_until.ms) {
        char was[WALL_TEXT_MAX];
        if (s->checked_until.ms - now.ms > AGENDA_GRACE_MS)
            LOG(LOG_WARNING, "serve.clock_back", LOG_STR("batch", served_batch_name(s)),
                LOG_STR("was", log_time(s->checked_until, was)),
                LOG_STR("what", "runs that have been are not run again"));
        served_batch_checked(s, now);
    }
    return s->has_next && s->next.at.ms <= now.ms;
}

static void drain_if_due(struct served_batch *s)
{
    if (served_batch_happens(s, SERVED_DUE) & SERVED_DO_DRAIN)
        batch_stop(s->batch, BATCH_DRAIN);
}

/* Webhooks are taken until something is due; the ledger alone says what. */
static void stop_receiving(struct served_batch *s)
{
    bool due = occurrence_came(s);
    if (!due && !(s->open_again && mono_reached(loop_now(s->host->loop), s->open_at)))
        return;
    if (due && !s->waited_from.ms)
        s->waited_from = s->checked_until;
    drain_if_due(s);
}

/* While a run stays its ledger is open: only what really is due ends it. */
static void make_room(struct served_batch *s)
{
    struct agenda a = served_batch_agenda(s);
    struct due due;
    int n = served_batch_is_held(s, &a.held);
    if (n == 0)
        n = agenda_due(&a, batch_ledger(s->batch), served_batch_wall(s), &due);
    if (n == 0) {
        served_batch_checked(s, served_batch_wall(s));
        return;
    }
    s->waited_from = s->checked_until;
    drain_if_due(s);
}

static bool notifier_is_closed(const struct served_batch *s)
{
    return !s->notifier || (s->notifier->closed && !s->notifier->older);
}

static void ask_and_begin(struct served_batch *s)
{
    struct error e;
    int rc = served_batch_ask_places(s, &e);
    if (rc == 1)
        rc = try_to_begin(s, &e);
    if (rc < 0)
        wait_for_it(s, &e);
}

/* What is open ends by itself (served_batch_stop); what hasn't begun doesn't. */
static void see_to_stop(struct served_batch *s)
{
    bool was_over = s->state == SERVED_OVER;
    unsigned actions = served_batch_happens(s, SERVED_STOP);
    forecast_stop(&s->forecast);
    served_batch_leave_places(s);
    if (actions & SERVED_DO_CLOSE)
        served_batch_close(s);
    if (s->state == SERVED_OVER && !was_over)
        s->exit_code = actions & SERVED_DO_LEAVE_PERIOD ? EXIT_RESUMABLE : EXIT_ALL_STORED;
}

void served_batch_turn(struct served_batch *s)
{
    if (s->stopping)
        see_to_stop(s);
    if (s->ended)
        served_batch_run_ended(s);
    if (s->ended) /* its end is still being worked on */
        return;
    bool reaped = batch_notifier_reap(s->notifier);
    if (s->state == SERVED_OVER && !reaped && !s->notifier->closing)
        batch_notifier_close(s->notifier, s->stopping);
    if (s->state == SERVED_OVER && s->batch && notifier_is_closed(s))
        served_batch_close(s);
    if (s->stopping)
        return;
    if (s->state == SERVED_FORECAST)
        served_batch_turn_forecast(s);
    served_batch_look(s);
    served_batch_hands(s);
    bool between_runs =
        s->state == SERVED_STAYING || s->state == SERVED_RESTING || s->state == SERVED_RECEIVING;
    if (between_runs && served_batch_wants_forecast(s))
        served_batch_forecast_ahead(s);
    if (s->state == SERVED_STAYING && occurrence_came(s))
        make_room(s);
    if (s->state == SERVED_RECEIVING)
        stop_receiving(s);
    if (s->state != SERVED_RESTING)
        return;
    bool now =
        s->open_again ? mono_reached(loop_now(s->host->loop), s->open_at) : occurrence_came(s);
    if (now && served_batch_happens(s, SERVED_DUE) & SERVED_DO_OPEN)
        ask_and_begin(s);
}

struct mono served_batch_next(const struct served_batch *s)
{
    struct mono now = loop_now(s->host->loop);
    if (s->stopping || s->ended || s->state == SERVED_OVER || s->state == SERVED_RUNNING ||
        s->state == SERVED_DRAINING)
        return MONO_NEVER;
    if (s->state == SERVED_FORECAST)
        return s->forecast_until;
    if ((s->state == SERVED_RESTING || s->state == SERVED_RECEIVING) && s->open_again)
        return s->state == SERVED_RESTING ? mono_max(s->open_at, served_batch_places_next(s))
                                          : s->open_at;
    struct mono look = s->state == SERVED_STAYING && s->look_at.ms ? s->look_at : MONO_NEVER;
    if (s->hand_at.ms && (s->state == SERVED_STAYING || s->state == SERVED_RECEIVING))
        look = mono_min(look, s->hand_at);
    if (!s->has_next)
        return look;
    int64_t ahead = s->next.at.ms - served_batch_wall(s).ms;
    if (s->forecast_of.ms != s->next.at.ms && ahead > s->entry->forecast_ms)
        ahead -= s->entry->forecast_ms;
    struct mono next = mono_add(now, ahead > 0 ? ahead : 0);
    return s->state == SERVED_RESTING ? mono_max(next, served_batch_places_next(s))
                                      : mono_min(look, next);
}

void served_batch_stop(struct served_batch *s, enum batch_stop how)
{
    s->stopping = true;
    if (s->batch && !s->ended && s->state != SERVED_FORECAST && s->state != SERVED_OVER)
        batch_stop(s->batch, how);
    if (how == BATCH_NOW && s->notifier && s->notifier->closing)
        batch_notifier_close(s->notifier, true);
    s->host->poke(s->host->ctx);
}

bool served_batch_over(const struct served_batch *s)
{
    return s->state == SERVED_OVER && !s->batch && notifier_is_closed(s);
}

bool served_batch_uses(const struct served_batch *s, const struct served_batches *r)
{
    const struct served_entry *entry = s->running_on;
    return (entry && entry >= r->entries && entry < r->entries + r->count) ||
           batch_notifier_uses(s->notifier, r);
}

void served_batch_reload(struct served_batch *s, const struct served_entry *entry)
{
    bool same = config_same(s->entry->config, entry->config);
    forecast_stop(&s->forecast); /* of the old one: the run begins without */
    s->forecast_of = (struct wall){0};
    served_batch_leave_places(s); /* they may be others */
    s->entry = entry;
    s->notifier_is_old = s->notifier_is_old || !same;
    served_batch_checked(s, s->checked_until);
    unsigned actions = served_batch_happens(s, same || s->ended ? SERVED_RELOADED : SERVED_CHANGED);
    if (actions & SERVED_DO_DRAIN)
        batch_stop(s->batch, BATCH_DRAIN);
    if (actions & SERVED_DO_REST)
        served_batch_rest(s, 0);
    s->host->poke(s->host->ctx);
}

void served_batch_release(struct served_batch *s)
{
    REQUIRE(!s->batch && !s->forecast.entry);
    served_batch_leave_places(s);
    batch_notifier_free(s->notifier);
}
