/* See forecast.h. The walk is `plan`'s, on the service's own loop, beside whatever runs there. The
 * time is until the last document leaves at the limits, which is what a run of any size takes; its
 * last jobs' own time is a guess on top. */
#include "service/forecast.h"
#include "base/log.h"
#include "base/text.h"
#include "base/units.h"

#include <stdio.h>
#include <string.h>

enum { LAST_JOBS_MS = 60 * 1000 };

static void release(struct forecast *f)
{
    plan_release(&f->plan);
    batch_options_release(&f->options);
    f->planning = NULL;
    f->entry = NULL;
}

static void say(struct forecast *f)
{
    const struct plan *p = &f->plan;
    char documents[UNITS_TEXT_MAX], pages[UNITS_TEXT_MAX], time[UNITS_TEXT_MAX];
    char ends[WALL_TEXT_MAX], deadline[WALL_TEXT_MAX], credits[CREDITS_TEXT_MAX];
    int64_t takes = p->documents ? p->seconds * 1000 + LAST_JOBS_MS : 0;
    struct wall end = {f->begins.ms + takes};
    f->late = f->deadline.ms && end.ms > f->deadline.ms;
    LOG(f->late ? LOG_WARNING : LOG_INFO, "schedule.forecast",
        LOG_STR("batch", *f->entry->name ? f->entry->name : NULL), LOG_STR("period", f->period),
        LOG_INT("documents", p->documents), LOG_INT("pages", p->pages),
        LOG_STR("credits", credits_plain(plan_cost(p, &f->options), credits)),
        LOG_INT("rejected", p->rejected), LOG_MS("takes", takes),
        LOG_STR("ends", log_time(end, ends)),
        LOG_STR("next_due", f->deadline.ms ? log_time(f->deadline, deadline) : NULL),
        LOG_STR("fits", f->late ? "no" : "yes"));
    snprintf(f->said, sizeof f->said,
             "%s documents (%s pages) for %s take %s at %u uploads a minute: until %s, %s %s",
             count_format(p->documents, documents), count_format(p->pages, pages), f->period,
             duration_format(takes, time), f->options.post_per_minute, log_time_told(end, ends),
             f->late ? "but the next run is due at" : "and the next run is due at",
             f->deadline.ms ? log_time_told(f->deadline, deadline) : "no time");
}

static void planned_cb(void *ctx)
{
    struct forecast *f = ctx;
    say(f);
    release(f);
    f->done(f->ctx);
}

int forecast_start(struct forecast *f, struct loop *loop, const struct served_entry *entry,
                   const struct forecast_about *about, void (*done)(void *ctx), void *ctx,
                   struct error *e)
{
    REQUIRE(!f->entry);
    *f = (struct forecast){
        .begins = about->begins, .deadline = about->deadline, .done = done, .ctx = ctx};
    text_copy(f->period, sizeof f->period, about->period);
    int rc = batch_options_read(&f->options, entry->config, NULL, 0, false, e);
    if (rc < 0)
        return rc;
    f->entry = entry;
    rc = planning_start(&f->planning, &f->plan, loop, &f->options, planned_cb, f, e);
    if (rc < 0)
        release(f);
    return rc;
}

void forecast_stop(struct forecast *f)
{
    if (!f->entry)
        return;
    planning_stop(f->planning);
    release(f);
}
