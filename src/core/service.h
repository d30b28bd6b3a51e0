/* service.h - is the service there? A circuit breaker: after several failures in a row, whatever
 * the documents, everything waits but one probe at a time, with growing pauses; the first success
 * opens it again. Pure. */
#ifndef MB_CORE_SERVICE_H
#define MB_CORE_SERVICE_H

#include "core/outcome.h"

enum { SERVICE_DOWN_AFTER = 4 /* failures in a row */ };

struct service {
    int failures; /* in a row */
    bool down;
    bool probing;         /* a probe is out */
    struct mono probe_at; /* down: the next probe may go then */
    int probes;           /* failed in a row */
    struct mono down_since;
};

void service_init(struct service *s);
/* May a request go out now? If down, a true answer is the probe's permission: service_sent must
 * follow. */
bool service_allows(const struct service *s, struct mono now);
void service_sent(struct service *s);
/* RANDOM in [0, 1). FIRST_MS and MAX_MS bound the pauses between probes. Returns whether it went up
 * or down just now. */
bool service_sign(struct service *s, enum service_sign sign, struct mono now, int64_t first_ms,
                  int64_t max_ms, double random);
/* When service_allows may turn true: NOW if it does, MONO_NEVER while a probe is out. */
struct mono service_next(const struct service *s, struct mono now);

#endif
