/* poll_histogram.h - how long jobs take, as the polls have shown it: for each span of a job's age,
 * how many jobs were at risk of finishing in it, and how many did. Old jobs fade as new ones come.
 * Pure.
 *
 * Spans are logarithmic, six to a doubling, from 250 ms to 645 s;
 * the first begins at 0, the last is open. */
#ifndef MB_CORE_POLL_HISTOGRAM_H
#define MB_CORE_POLL_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    POLL_BINS = 70,
    POLL_HISTOGRAM_BYTES = 1 + 2 * 4 * POLL_BINS, /* as written by poll_histogram_encode */
};

struct poll_histogram {
    double at_risk[POLL_BINS]; /* jobs, each for the part of the span that it was seen running */
    double finished[POLL_BINS];
};

/* Nothing was seen yet. */
void poll_histogram_init(struct poll_histogram *h);
/* A job was running at age TO, and was known to be at age FROM. */
void poll_histogram_running(struct poll_histogram *h, int64_t from_ms, int64_t to_ms);
/* It finished at age TOOK; it was known to be running at age FROM. */
void poll_histogram_finished(struct poll_histogram *h, int64_t from_ms, int64_t took_ms);

/* For a record that another run reads. Decoding refuses what can't be one, and leaves H alone then;
 * what it takes has the weight of some dozens of jobs at most: that was another day. */
void poll_histogram_encode(const struct poll_histogram *h, uint8_t out[POLL_HISTOGRAM_BYTES]);
bool poll_histogram_decode(struct poll_histogram *h, const void *bytes, size_t len);

int poll_bin_of(double age_s);
/* In seconds. */
double poll_bin_begin(int bin);
double poll_bin_width(int bin);

#endif
