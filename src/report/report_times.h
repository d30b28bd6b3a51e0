/* report_times.h - how fast results came and how long each took, pure.
 *
 *   report_times_note(&t, accepted, received)      each stored document
 *   report_times_finish(&t)                        then its numbers are there
 *   report_times_release(&t)
 *
 * A ledger's results came in stretches of work, with hours or weeks between them. Speed is that of the stretch in which
 * the most came: between two of its results there are never more than REPORT_PAUSE_MINUTES. */
#ifndef MB_REPORT_REPORT_TIMES_H
#define MB_REPORT_REPORT_TIMES_H

#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

enum {
    REPORT_PAUSE_MINUTES = 30,
    REPORT_BARS_MAX = 60,
    REPORT_WAITS = 10, /* classes of processing times */
};

/* What a result took is below so many ms; the last class has no end. */
extern const int64_t report_wait_below_ms[REPORT_WAITS];

struct report_times {
    int64_t *received; /* ms since 1970; owned */
    int64_t *waits;    /* ms; owned */
    size_t received_count, received_capacity, wait_count, wait_capacity;

    struct {
        struct wall from, to; /* its first and its last result */
        int64_t results;
        int64_t minutes_per_bar;
        size_t bars;
        int64_t results_in[REPORT_BARS_MAX];
        int64_t busiest; /* results in one minute of the clock */
        struct wall busiest_at;
    } speed; /* results 0: there are none */
    struct {
        int64_t median_ms, most_ms, longest_ms; /* MOST: 95 in 100 took no longer */
        int64_t in[REPORT_WAITS];
    } took; /* wait_count 0: not known of any */
};

/* ACCEPTED 0, or after RECEIVED: how long it took isn't known. */
void report_times_note(struct report_times *t, struct wall accepted, struct wall received);
void report_times_finish(struct report_times *t);
void report_times_release(struct report_times *t);

/* Results a minute in the stretch, in tenths. */
int64_t report_times_average_tenths(const struct report_times *t);

#endif
