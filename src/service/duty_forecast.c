/* A duty's forecasts (forecast.h): some time ahead of an occurrence, once; and at the run's start,
 * which waits for it for a minute at most. Neither touches what is due. */
#include "base/log.h"
#include "service/duty_parts.h"

enum { FORECAST_MOST_MS = 60 * 1000 };

static void forecast_cb(void *ctx)
{
    struct duty *d = ctx;
    if (d->forecast.late) {
        service_notice(&d->host->notices, &(struct service_notice){.kind = NOTICE_TROUBLE,
                                                                   .entry = d->entry,
                                                                   .exit_code = -1,
                                                                   .text = d->forecast.said});
        notifier_forecast(duty_notifier(d), d->forecast.period, d->forecast.said);
    }
    d->host->poke(d->host->ctx);
}

/* The occurrence after AT: when a run should be over. */
static struct wall deadline_after(const struct duty *d, struct wall at)
{
    struct occurrence o;
    bool any = d->entry->calendar && calendar_next(d->entry->calendar, at, &o);
    return any ? o.at : (struct wall){0};
}

/* Without one the run is none the worse. */
static bool make_forecast(struct duty *d, const struct forecast_about *about)
{
    struct error e;
    forecast_stop(&d->forecast);
    if (forecast_start(&d->forecast, d->host->loop, d->entry, about, forecast_cb, d, &e) == 0)
        return true;
    LOG(LOG_WARNING, "schedule.no_forecast", LOG_STR("batch", duty_name(d)),
        LOG_STR("cause", e.text));
    return false;
}

/* Some time before an occurrence, once. */
bool duty_wants_forecast(const struct duty *d)
{
    int64_t ahead = d->has_next ? d->next.at.ms - duty_wall(d).ms : 0;
    return ahead > 0 && ahead <= d->entry->forecast_ms && d->forecast_of.ms != d->next.at.ms &&
           !d->forecast.entry;
}

void duty_forecast_ahead(struct duty *d)
{
    d->forecast_of = d->next.at;
    make_forecast(d, &(struct forecast_about){.period = d->next.period,
                                              .begins = d->next.at,
                                              .deadline = deadline_after(d, d->next.at)});
}

/* The run's own, before it begins. */
void duty_prepare(struct duty *d)
{
    struct wall now = duty_wall(d);
    bool wanted = d->entry->forecast_ms > 0 && !d->due.resumed;
    d->forecast_until = mono_add(loop_now(d->host->loop), FORECAST_MOST_MS);
    if (wanted && make_forecast(d, &(struct forecast_about){.period = d->due.period,
                                                            .begins = now,
                                                            .deadline = deadline_after(d, now)}))
        d->state = DUTY_FORECAST;
    else
        duty_start(d, true);
}

void duty_see_to_forecast(struct duty *d)
{
    if (d->forecast.entry && !mono_reached(loop_now(d->host->loop), d->forecast_until))
        return;
    if (d->forecast.entry)
        LOG(LOG_INFO, "schedule.no_forecast", LOG_STR("batch", duty_name(d)),
            LOG_STR("cause", "it takes too long: the run begins"));
    forecast_stop(&d->forecast);
    duty_start(d, true);
}
