/* See served_batch_status.h. */
#include "service/served_batch_status.h"
#include "base/units.h"

#include <inttypes.h>

static void put_numbers(struct buffer *out, const struct batch_progress *p)
{
    char stored[UNITS_TEXT_MAX], all[UNITS_TEXT_MAX], queued[UNITS_TEXT_MAX];
    buffer_printf(out,
                  "%s of %s%s documents stored, %" PRId64 " failed, %" PRId64 " rejected, %" PRId64
                  " in doubt; %d uploading, %d processing, %s to go",
                  count_format(p->by_state[DOC_STORED], stored), count_format(p->documents, all),
                  p->walking ? "+" : "", p->by_state[DOC_FAILED] + p->by_state[DOC_LOST],
                  p->by_state[DOC_REJECTED], p->by_state[DOC_IN_DOUBT], p->uploads_out, p->jobs,
                  count_format(p->by_state[DOC_QUEUED], queued));
}

static void put_next(struct buffer *out, const struct served_batch *s)
{
    struct zone_time t;
    char text[ZONE_TIME_TEXT_MAX], rule[CALENDAR_RULE_TEXT_MAX];
    const struct calendar *c = s->entry->calendar;
    if (!s->has_next)
        return;
    zone_show(&c->zone, s->next.at, &t);
    buffer_printf(out, "next run %s, for %s (%s)", zone_time_format(&t, text), s->next.period,
                  calendar_rule_name(&c->rules[s->next.rule], rule));
}

void served_batch_status(const struct served_batch *s, struct buffer *out)
{
    struct batch_progress p;
    if (*s->entry->name)
        buffer_printf(out, "%s: ", s->entry->name);
    if (s->state == SERVED_FORECAST) {
        buffer_printf(out, "preparing the run for %s", s->due.period);
    } else if (s->batch && !s->ended) {
        batch_progress(s->batch, &p);
        if (s->options.mode == RUN_SCHEDULED)
            buffer_printf(out, "running for %s: ", s->due.period);
        put_numbers(out, &p);
    } else if (s->state == SERVED_RESTING && s->open_again && *s->trouble) {
        buffer_printf(out, "waits: %s", s->trouble);
    } else {
        put_next(out, s);
    }
}

void served_batch_view(const struct served_batch *s, struct batch_view *out)
{
    bool waits = s->state == SERVED_RESTING && s->open_again && *s->trouble;
    *out = (struct batch_view){
        .name = s->entry->name,
        .config = s->entry->config,
        .batch = s->batch,
        .at_work = s->batch && !s->ended && s->state != SERVED_OVER,
        .meter = &s->seen.meter,
        .last = &s->seen.last,
        .trouble = waits ? s->trouble : "",
        .last_run = s->began_at,
        .last_exit = s->seen.has_ended ? s->seen.last_exit : -1,
        .next_run = s->has_next ? s->next.at : (struct wall){0},
        .missed = s->seen.missed,
    };
}
