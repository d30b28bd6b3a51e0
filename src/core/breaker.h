/* breaker.h - is the service there? A circuit breaker: after several failures in a row, whatever
 * the documents, everything waits but one probe at a time, with growing pauses; the first success
 * opens it again. Pure. */
#ifndef MB_CORE_BREAKER_H
#define MB_CORE_BREAKER_H

#include "core/outcome.h"

enum { BREAKER_OPENS_AFTER = 4 /* failures in a row */ };

struct breaker {
    int failures; /* in a row */
    bool down;
    bool probing;         /* a probe is out */
    struct mono probe_at; /* down: the next probe may go then */
    int probes;           /* failed in a row */
    struct mono down_since;
};

void breaker_init(struct breaker *s);
/* May a request go out now? If down, a true answer is the probe's permission:
 * breaker_sent must follow. */
bool breaker_allows(const struct breaker *s, struct mono now);
void breaker_sent(struct breaker *s);
/* RANDOM in [0, 1). FIRST_MS and MAX_MS bound the pauses between probes. Returns whether it went up
 * or down just now. */
bool breaker_sign(struct breaker *s, enum breaker_sign sign, struct mono now, int64_t first_ms,
                  int64_t max_ms, double random);
/* When breaker_allows may turn true: NOW if it does, MONO_NEVER while a probe is out. */
struct mono breaker_next(const struct breaker *s, struct mono now);

#endif
