/* hearing.h - whether Mindee is heard at all. While something is wanted and no HTTP answer comes
 * (core/silence.h), that is said: after ten minutes, and when api.patience is over, which ends a run
 * of `run`; one of `serve` goes on. And when an answer comes after that.
 *
 *   hearing_on_news(h, cb, ctx);   besides the log; before the first turn
 *
 * A process that was stopped and goes on counts that time as nothing: it asked nobody meanwhile. */
#ifndef MB_BATCH_HEARING_H
#define MB_BATCH_HEARING_H

#include "batch/admit.h"

struct hearing;

struct hearing_news {
    bool back;          /* it is heard again; else it isn't */
    bool ends_run;      /* for this */
    int64_t silent_ms;  /* so long nothing is heard, or wasn't */
    struct wall since;  /* when that began */
    int64_t waiting;    /* documents that it holds up */
    const char *server; /* who isn't heard: scheme://host:port */
};

struct hearing *hearing_new(struct run_context *c, const struct upload_neighbours *with,
                            struct admit *admit);
void hearing_free(struct hearing *h);
void hearing_on_news(struct hearing *h, void (*told)(void *ctx, const struct hearing_news *news),
                     void *ctx);

void hearing_turn(struct hearing *h, struct mono now);
struct mono hearing_next(const struct hearing *h, struct mono now);
void hearing_close(struct hearing *h);

#endif
