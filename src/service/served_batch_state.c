/* See served_batch_state.h. */
#include "service/served_batch_state.h"

unsigned served_batch_happens(struct served_batch *s, enum served_batch_event event)
{
    struct served_step step;
    REQUIRE(served_step(s->state, event, &step));
    s->state = step.state;
    return step.actions;
}

const char *served_batch_name(const struct served_batch *s)
{
    return *s->entry->name ? s->entry->name : NULL;
}

struct wall served_batch_wall(const struct served_batch *s)
{
    return clock_wall(loop_clock(s->host->loop));
}

struct notifier *served_batch_notifier(const struct served_batch *s)
{
    return s->notifier ? s->notifier->notifier : NULL;
}

void served_batch_checked(struct served_batch *s, struct wall at)
{
    s->checked_until = at;
    s->has_next = s->entry->calendar && calendar_next(s->entry->calendar, at, &s->next);
}

int64_t served_batch_rest_ms(const struct served_batch *s)
{
    enum { LEAST_MS = 1000, MOST_MS = 4000 };
    int64_t quiet_ms = s->options.watch.quiet_ms;
    return quiet_ms < LEAST_MS ? LEAST_MS : quiet_ms < MOST_MS ? quiet_ms : MOST_MS;
}

void served_batch_rest(struct served_batch *s, int64_t ms)
{
    s->open_again = true;
    s->open_at = mono_add(loop_now(s->host->loop), ms);
}

struct agenda served_batch_agenda(const struct served_batch *s)
{
    return (struct agenda){.calendar = s->entry->calendar,
                           .catch_up_ms = s->entry->catch_up_ms,
                           .waited_from = s->waited_from};
}
