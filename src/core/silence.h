/* silence.h - how long nothing was heard from Mindee though something was asked: no HTTP answer at
 * all, whatever its status. Pure; time comes in, from a clock that stands while the process does (a
 * process that was stopped has asked nothing meanwhile).
 *
 *   silence_asked(&s, now);                a request leaves
 *   silence_unasked(&s);                   or it didn't, after all
 *   silence_ended(&s, now, answered);      what came of it
 *   silence_rests(&s);                     nothing is wanted any more: that is no silence
 *   switch (silence_look(&s, now, &after)) ...
 *
 * It begins with the first request that isn't answered: that which left first after the newest
 * answer, or was out when that came. */
#ifndef MB_CORE_SILENCE_H
#define MB_CORE_SILENCE_H

#include "base/clock.h"

#include <stdbool.h>

struct silence {
    int out;           /* requests on their way */
    bool lasts;        /* since SINCE */
    struct mono since; /* of that clock */
    bool unanswered;   /* one ended without an answer since the newest that had one */
    bool ever_heard;   /* an answer came */
    bool told, over;   /* it was said that it lasts; that patience is over */
    bool back;         /* and then an answer came, which wasn't said yet */
};

/* When something is said of a silence: once it has lasted for so long. */
struct silence_limits {
    int64_t tell_ms, patience_ms;
};

enum silence_news {
    SILENCE_NOTHING,
    SILENCE_LASTS, /* for tell_ms, or for patience_ms if that is less */
    SILENCE_OVER,  /* for patience_ms */
    SILENCE_BACK,  /* an answer came after one of these */
};

void silence_asked(struct silence *s, struct mono now);
void silence_unasked(struct silence *s);
void silence_ended(struct silence *s, struct mono now, bool answered);
void silence_rests(struct silence *s);

int64_t silence_ms(const struct silence *s, struct mono now); /* 0: there is none */
/* What is new, each once; of two at once the latter. */
enum silence_news silence_look(struct silence *s, struct mono now, const struct silence_limits *l);
/* When silence_look may have more to say though nothing happened. */
struct mono silence_next(const struct silence *s, const struct silence_limits *l);

#endif
