/* See refusals.h. */
#include "batch/refusals.h"

#include "base/log.h"

enum { FOLLOWERS_MS = 1000, BETWEEN_MS = 60000 };

void refusals_init(struct refusals *r, const char *kind, const char *what)
{
    *r = (struct refusals){.kind = kind, .what = what, .longest_ms = -1, .due = MONO_NEVER};
}

void refusals_heard(struct refusals *r, struct mono now, int64_t retry_after_ms,
                    int64_t rate_per_minute)
{
    if (r->count++ == 0)
        r->due = mono_max(mono_add(now, FOLLOWERS_MS), r->not_before);
    if (retry_after_ms > r->longest_ms)
        r->longest_ms = retry_after_ms;
    r->rate_per_minute = rate_per_minute;
}

void refusals_say(struct refusals *r, struct mono now)
{
    if (r->count == 0 || !mono_reached(now, r->due))
        return;
    LOG(LOG_WARNING, "limit.refused", LOG_CODE("kind", r->kind), LOG_STR("what", r->what),
        LOG_INT("answers", r->count), LOG_INT("rate_per_minute", r->rate_per_minute),
        LOG_MS("retry_after", r->longest_ms));
    r->not_before = mono_add(now, BETWEEN_MS);
    r->count = 0;
    r->longest_ms = -1;
    r->due = MONO_NEVER;
}
