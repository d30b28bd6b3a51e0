/* See served_batch_forecast.h. A run waits for its forecast for a minute at most; neither forecast
 * touches what is due. */
#include "service/served_batch_forecast.h"
#include "base/log.h"
#include "service/served_batch_run.h"

enum { FORECAST_MOST_MS = 60 * 1000 };

static void forecast_cb(void *ctx)
{
    struct served_batch *s = ctx;
    if (s->forecast.late) {
        service_notice(&(struct service_notice){
            .kind = NOTICE_TROUBLE, .entry = s->entry, .exit_code = -1, .text = s->forecast.said});
        notifier_forecast(served_batch_notifier(s), s->forecast.period, s->forecast.said);
    }
    s->host->poke(s->host->ctx);
}

/* The occurrence after AT: when a run should be over. */
static struct wall deadline_after(const struct served_batch *s, struct wall at)
{
    struct occurrence o;
    bool any = s->entry->calendar && calendar_next(s->entry->calendar, at, &o);
    return any ? o.at : (struct wall){0};
}

/* Without one the run is none the worse. */
static bool make_forecast(struct served_batch *s, const struct forecast_about *about)
{
    struct error e;
    forecast_stop(&s->forecast);
    if (forecast_start(&s->forecast, s->host->loop, s->entry, about, forecast_cb, s, &e) == 0)
        return true;
    LOG(LOG_WARNING, "schedule.no_forecast", LOG_STR("batch", served_batch_name(s)),
        LOG_STR("cause", e.text));
    return false;
}

/* Some time before an occurrence, once. */
bool served_batch_wants_forecast(const struct served_batch *s)
{
    int64_t ahead = s->has_next ? s->next.at.ms - served_batch_wall(s).ms : 0;
    return ahead > 0 && ahead <= s->entry->forecast_ms && s->forecast_of.ms != s->next.at.ms &&
           !s->forecast.entry;
}

void served_batch_forecast_ahead(struct served_batch *s)
{
    s->forecast_of = s->next.at;
    make_forecast(s, &(struct forecast_about){.period = s->next.period,
                                              .begins = s->next.at,
                                              .deadline = deadline_after(s, s->next.at)});
}

/* The run's own, before it begins. */
void served_batch_prepare(struct served_batch *s)
{
    struct wall now = served_batch_wall(s);
    bool wanted = s->entry->forecast_ms > 0 && !s->due.resumed;
    s->forecast_until = mono_add(loop_now(s->host->loop), FORECAST_MOST_MS);
    if (wanted && make_forecast(s, &(struct forecast_about){.period = s->due.period,
                                                            .begins = now,
                                                            .deadline = deadline_after(s, now)}))
        served_batch_happens(s, SERVED_FORECASTS);
    else
        served_batch_start(s, SERVED_BEGINS);
}

void served_batch_turn_forecast(struct served_batch *s)
{
    if (s->forecast.entry && !mono_reached(loop_now(s->host->loop), s->forecast_until))
        return;
    if (s->forecast.entry)
        LOG(LOG_INFO, "schedule.no_forecast", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", "it takes too long: the run begins"));
    forecast_stop(&s->forecast);
    served_batch_start(s, SERVED_BEGINS);
}
