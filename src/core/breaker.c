/* Up, it counts failures in a row, and any answer that shows Mindee at work clears the count. Four
 * of them and it is down: everything waits, but one probe at a time after a pause that doubles,
 * half of it jittered. A probe that succeeds, or any straggler sent before the trouble that does,
 * opens it again; one that fails makes the next pause longer; one that says nothing (cancelled, our
 * own file) leaves its place to another at once. Failures of stragglers while no probe is out say
 * nothing new. */
#include "core/breaker.h"

#include "base/backoff.h"

void breaker_init(struct breaker *s)
{
    *s = (struct breaker){.probe_at = MONO_NEVER};
}

bool breaker_allows(const struct breaker *s, struct mono now)
{
    return !s->down || (!s->probing && mono_reached(now, s->probe_at));
}

void breaker_sent(struct breaker *s)
{
    if (s->down)
        s->probing = true;
}

static void pause_probes(struct breaker *s, struct mono now, int64_t first_ms, int64_t max_ms,
                         double random)
{
    s->probing = false;
    double upper_half = 0.5 + random / 2;
    s->probe_at = mono_add(now, backoff_delay_ms(s->probes + 1, first_ms, max_ms, upper_half, -1));
}

static bool failed(struct breaker *s, struct mono now, int64_t first_ms, int64_t max_ms,
                   double random)
{
    s->failures++;
    if (!s->down) {
        if (s->failures < BREAKER_OPENS_AFTER)
            return false;
        s->down = true;
        s->down_since = now;
        s->probes = 0;
        pause_probes(s, now, first_ms, max_ms, random);
        return true;
    }
    if (s->probing) {
        s->probes++;
        pause_probes(s, now, first_ms, max_ms, random);
    }
    return false;
}

bool breaker_sign(struct breaker *s, enum breaker_sign sign, struct mono now, int64_t first_ms,
                  int64_t max_ms, double random)
{
    switch (sign) {
    case SIGN_NONE:
        s->probing = false; /* its pause is over as it was */
        return false;
    case SIGN_BUSY: /* a probe that is turned away found nothing out; nothing else goes down for it */
        return s->probing && failed(s, now, first_ms, max_ms, random);
    case SIGN_DOWN:
        return failed(s, now, first_ms, max_ms, random);
    case SIGN_UP:
    case SIGN_LIMITED:
    case SIGN_REFUSES:
        break;
    }
    bool was_down = s->down;
    breaker_init(s);
    return was_down;
}

struct mono breaker_next(const struct breaker *s, struct mono now)
{
    if (breaker_allows(s, now))
        return now;
    return s->probing ? MONO_NEVER : s->probe_at;
}
