/* A duty's forecasts (forecast.h): some time ahead of an occurrence, once; and at the run's start,
 * which waits for it for a minute at most. Neither touches what is due. */
#include "service/served_batch_forecast.h"
#include "base/log.h"
#include "service/served_batch_run.h"

enum { FORECAST_MOST_MS = 60 * 1000 };

static void forecast_cb(void *ctx)
{
    struct served_batch *d = ctx;
    if (d->forecast.late) {
        service_notice(&d->host->notices, &(struct service_notice){.kind = NOTICE_TROUBLE,
                                                                   .entry = d->entry,
                                                                   .exit_code = -1,
                                                                   .text = d->forecast.said});
        notifier_forecast(served_batch_notifier(d), d->forecast.period, d->forecast.said);
    }
    d->host->poke(d->host->ctx);
}

/* The occurrence after AT: when a run should be over. */
static struct wall deadline_after(const struct served_batch *d, struct wall at)
{
    struct occurrence o;
    bool any = d->entry->calendar && calendar_next(d->entry->calendar, at, &o);
    return any ? o.at : (struct wall){0};
}

/* Without one the run is none the worse. */
static bool make_forecast(struct served_batch *d, const struct forecast_about *about)
{
    struct error e;
    forecast_stop(&d->forecast);
    if (forecast_start(&d->forecast, d->host->loop, d->entry, about, forecast_cb, d, &e) == 0)
        return true;
    LOG(LOG_WARNING, "schedule.no_forecast", LOG_STR("batch", served_batch_name(d)),
        LOG_STR("cause", e.text));
    return false;
}

/* Some time before an occurrence, once. */
bool served_batch_wants_forecast(const struct served_batch *d)
{
    int64_t ahead = d->has_next ? d->next.at.ms - served_batch_wall(d).ms : 0;
    return ahead > 0 && ahead <= d->entry->forecast_ms && d->forecast_of.ms != d->next.at.ms &&
           !d->forecast.entry;
}

void served_batch_forecast_ahead(struct served_batch *d)
{
    d->forecast_of = d->next.at;
    make_forecast(d, &(struct forecast_about){.period = d->next.period,
                                              .begins = d->next.at,
                                              .deadline = deadline_after(d, d->next.at)});
}

/* The run's own, before it begins. */
void served_batch_prepare(struct served_batch *d)
{
    struct wall now = served_batch_wall(d);
    bool wanted = d->entry->forecast_ms > 0 && !d->due.resumed;
    d->forecast_until = mono_add(loop_now(d->host->loop), FORECAST_MOST_MS);
    if (wanted && make_forecast(d, &(struct forecast_about){.period = d->due.period,
                                                            .begins = now,
                                                            .deadline = deadline_after(d, now)}))
        d->state = SERVED_FORECAST;
    else
        served_batch_start(d, true);
}

void served_batch_turn_forecast(struct served_batch *d)
{
    if (d->forecast.entry && !mono_reached(loop_now(d->host->loop), d->forecast_until))
        return;
    if (d->forecast.entry)
        LOG(LOG_INFO, "schedule.no_forecast", LOG_STR("batch", served_batch_name(d)),
            LOG_STR("cause", "it takes too long: the run begins"));
    forecast_stop(&d->forecast);
    served_batch_start(d, true);
}
