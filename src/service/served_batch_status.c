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

static void put_next(struct buffer *out, const struct served_batch *d)
{
    struct zone_time t;
    char text[ZONE_TIME_TEXT_MAX], rule[CALENDAR_RULE_TEXT_MAX];
    const struct calendar *c = d->entry->calendar;
    if (!d->has_next)
        return;
    zone_show(&c->zone, d->next.at, &t);
    buffer_printf(out, "next run %s, for %s (%s)", zone_time_format(&t, text), d->next.period,
                  calendar_rule_name(&c->rules[d->next.rule], rule));
}

void served_batch_status(const struct served_batch *d, struct buffer *out)
{
    struct batch_progress p;
    if (*d->entry->name)
        buffer_printf(out, "%s: ", d->entry->name);
    if (d->state == SERVED_FORECAST) {
        buffer_printf(out, "preparing the run for %s", d->due.period);
    } else if (d->batch && !d->ended) {
        batch_progress(d->batch, &p);
        if (d->state == SERVED_RUNNING)
            buffer_printf(out, "running for %s: ", d->due.period);
        put_numbers(out, &p);
    } else if (d->state == SERVED_RESTING && d->look && *d->said) {
        buffer_printf(out, "waits: %s", d->said);
    } else {
        put_next(out, d);
    }
}
