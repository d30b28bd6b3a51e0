/* See served_batch_state.h. */
#include "service/served_batch_state.h"

const char *served_batch_name(const struct served_batch *d)
{
    return *d->entry->name ? d->entry->name : NULL;
}

struct wall served_batch_wall(const struct served_batch *d)
{
    return clock_wall(loop_clock(d->host->loop));
}

struct notifier *served_batch_notifier(const struct served_batch *d)
{
    return d->word ? d->word->notifier : NULL;
}

void served_batch_looked(struct served_batch *d, struct wall at)
{
    d->looked_at = at;
    d->has_next = d->entry->calendar && calendar_next(d->entry->calendar, at, &d->next);
}

void served_batch_rest(struct served_batch *d, int64_t ms)
{
    d->state = SERVED_RESTING;
    d->look = true;
    d->again_at = mono_add(loop_now(d->host->loop), ms);
}

struct agenda served_batch_agenda(const struct served_batch *d)
{
    return (struct agenda){.calendar = d->entry->calendar,
                           .catch_up_ms = d->entry->catch_up_ms,
                           .waited_from = d->waited_from};
}
