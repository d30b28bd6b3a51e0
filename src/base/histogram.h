/* histogram.h - how long things took, counted by ranges, as Prometheus wants it.
 *
 *   histogram_add(&h, &histogram_of_requests, took_us);
 *   histogram_merge(&all, &h);                   of one scale
 *
 * A scale is a fixed list of bounds: they are part of what is promised to whoever scrapes. */
#ifndef MB_BASE_HISTOGRAM_H
#define MB_BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS_MAX = 13 };

struct histogram_scale {
    size_t count;
    int64_t
        bounds_ms[HISTOGRAM_BOUNDS_MAX]; /* growing; what is over the last is counted behind them */
};

struct histogram {
    int64_t count[HISTOGRAM_BOUNDS_MAX + 1]; /* of each range alone */
    int64_t sum_us;
};

extern const struct histogram_scale histogram_of_requests, /* .05 to 120 s */
    histogram_of_jobs,                                     /* 1 to 600 s */
    histogram_of_delays,                                   /* .5 to 60 s */
    histogram_of_moments; /* .001 to 5 s: commits, turns of the loop */

/* A negative time counts as none: two clocks may differ. */
void histogram_add(struct histogram *h, const struct histogram_scale *scale, int64_t took_us);
void histogram_merge(struct histogram *into, const struct histogram *h);
int64_t histogram_total(const struct histogram *h);

#endif
