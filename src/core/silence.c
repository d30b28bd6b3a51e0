/* See silence.h. An answer ends a silence, and with requests still out another one begins at once:
 * they may stay unanswered. That it was told is kept until an answer comes, even if nothing is wanted in
 * between: then it isn't told twice. */
#include "core/silence.h"

#include "base/require.h"

void silence_asked(struct silence *s, struct mono now)
{
    s->out++;
    if (s->lasts)
        return;
    s->lasts = true;
    s->since = now;
}

void silence_unasked(struct silence *s)
{
    REQUIRE(s->out > 0);
    s->out--;
    s->lasts = s->out > 0 || s->unanswered;
}

void silence_ended(struct silence *s, struct mono now, bool answered)
{
    REQUIRE(s->out > 0);
    s->out--;
    s->unanswered = !answered;
    if (!answered)
        return;
    s->back = s->back || s->told;
    s->told = s->over = false;
    s->ever_heard = true;
    s->lasts = s->out > 0;
    s->since = now;
}

void silence_rests(struct silence *s)
{
    if (s->out > 0)
        return;
    s->unanswered = false;
    s->lasts = false;
}

int64_t silence_ms(const struct silence *s, struct mono now)
{
    return s->lasts ? mono_diff(now, s->since) : 0;
}

static int64_t first_ms(const struct silence_limits *l)
{
    return l->tell_ms < l->patience_ms ? l->tell_ms : l->patience_ms;
}

enum silence_news silence_look(struct silence *s, struct mono now, const struct silence_limits *l)
{
    int64_t ms = silence_ms(s, now);
    if (s->back) {
        s->back = false;
        return SILENCE_BACK;
    }
    if (s->lasts && ms >= l->patience_ms && !s->over) {
        s->over = s->told = true;
        return SILENCE_OVER;
    }
    if (s->lasts && ms >= first_ms(l) && !s->told) {
        s->told = true;
        return SILENCE_LASTS;
    }
    return SILENCE_NOTHING;
}

struct mono silence_next(const struct silence *s, const struct silence_limits *l)
{
    if (!s->lasts || s->over)
        return MONO_NEVER;
    return mono_add(s->since, s->told ? l->patience_ms : first_ms(l));
}
