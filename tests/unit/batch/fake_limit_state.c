/* See fake_limit_state.h. */
#include "fake_limit_state.h"

#include "record.h"

#include <stdlib.h>

struct fake_limits fake_limits;

struct limit_state {
    int leases;
};

int limit_state_open(struct limit_state **out, const char *directory, const char *origin,
                     const char *owner, const char *boot_id, struct mono now, struct error *e)
{
    (void)boot_id, (void)now;
    if (fake_limits.open_fails)
        return error_set(e, ERR_IO, "%s", fake_limits.open_fails);
    record("open_limits %s %s %s", directory, origin, owner);
    *out = xcalloc(1, sizeof **out);
    return 0;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

int limit_state_lease(struct limit_state *s, struct mono now, uint32_t want_post, uint32_t want_get,
                      struct limiter *post, struct limiter *get, struct error *e)
{
    record("lease posts=%u gets=%u", want_post, want_get);
    s->leases++;
    if (fake_limits.lease_fails)
        return error_set(e, ERR_IO, "%s", fake_limits.lease_fails);
    limiter_clear_others(post, fake_limits.others_out);
    limiter_lease(post, least(want_post, fake_limits.most_posts), mono_add(now, LIMIT_LEASE_MS));
    limiter_lease(get, least(want_get, fake_limits.most_gets), mono_add(now, LIMIT_LEASE_MS));
    return 0;
}

void limit_state_close(struct limit_state *s, struct mono now, struct limiter *post,
                       struct limiter *get)
{
    (void)now;
    record("close_limits out=%u,%u after %d leases", post->out, get->out, s->leases);
    free(s);
}
