/* forecast.h - what a scheduled run will be, before it begins: documents, pages, credits, the time
 * that the limits make of it, and whether that ends before the next run is due.
 *
 *     rc = forecast_start(&f, loop, entry, &about, done, ctx);   walks the batch's files
 *     done(ctx)                                                  f.said and f.late hold
 *     forecast_stop(&f);                                         at any time; no DONE after it
 */
#ifndef MB_SERVICE_FORECAST_H
#define MB_SERVICE_FORECAST_H

#include "service/plan.h"
#include "service/served_batches.h"

struct forecast_about {
    const char *period;
    struct wall begins;   /* the run */
    struct wall deadline; /* the next one; 0: there is none */
};

struct forecast {
    const struct served_entry *entry; /* NULL: none is being made */
    struct planning *planning;
    struct plan plan;
    struct batch_options options;
    char period[CALENDAR_PERIOD_MAX];
    struct wall begins, deadline;
    void (*done)(void *ctx);
    void *ctx;
    bool late;      /* it won't end before the deadline */
    char said[300]; /* in a sentence */
};

MUST_CHECK int forecast_start(struct forecast *f, struct loop *loop,
                              const struct served_entry *entry, const struct forecast_about *about,
                              void (*done)(void *ctx), void *ctx, struct error *e);
void forecast_stop(struct forecast *f);

#endif
