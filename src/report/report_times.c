/* See report_times.h. Eight bytes a document and number, sorted once. */
#include "report/report_times.h"

#include "base/array.h"

#include <stdlib.h>

enum { MINUTE_MS = 60 * 1000, S = 1000 };

const int64_t report_wait_below_ms[REPORT_WAITS] = {2 * S,  5 * S,   10 * S,  20 * S,  30 * S,
                                                    60 * S, 120 * S, 300 * S, 900 * S, INT64_MAX};

static const int64_t bar_minutes[] = {1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 10080};

void report_times_note(struct report_times *t, struct wall accepted, struct wall received)
{
    if (received.ms <= 0)
        return;
    ARRAY_RESERVE(t->received, t->received_capacity, t->received_count + 1);
    t->received[t->received_count++] = received.ms;
    if (accepted.ms <= 0 || accepted.ms > received.ms)
        return;
    ARRAY_RESERVE(t->waits, t->wait_capacity, t->wait_count + 1);
    t->waits[t->wait_count++] = received.ms - accepted.ms;
}

/* It begins at *FROM of t->received, which is sorted; returns where it is over. */
static size_t longest_stretch(const struct report_times *t, size_t *from)
{
    size_t best = 0, begin = 0;
    for (size_t i = 1; i <= t->received_count; i++) {
        if (i < t->received_count &&
            t->received[i] - t->received[i - 1] <= (int64_t)REPORT_PAUSE_MINUTES * MINUTE_MS)
            continue;
        if (i - begin > best) {
            best = i - begin;
            *from = begin;
        }
        begin = i;
    }
    return *from + best;
}

static void find_busiest(struct report_times *t, size_t from, size_t to)
{
    for (size_t i = from, n = 0; i < to; i++) {
        bool same = i > from && t->received[i] / MINUTE_MS == t->received[i - 1] / MINUTE_MS;
        n = same ? n + 1 : 1;
        if ((int64_t)n > t->speed.busiest) {
            t->speed.busiest = (int64_t)n;
            t->speed.busiest_at.ms = t->received[i] / MINUTE_MS * MINUTE_MS;
        }
    }
}

/* Bars begin with a minute of the clock. */
static void fill_bars(struct report_times *t, size_t from, size_t to)
{
    enum { STEPS = sizeof bar_minutes / sizeof *bar_minutes };
    int64_t first = t->received[from] / MINUTE_MS, last = t->received[to - 1] / MINUTE_MS;
    size_t step = 0;
    while (step + 1 < STEPS && (last - first) / bar_minutes[step] >= REPORT_BARS_MAX)
        step++;
    int64_t minutes = bar_minutes[step];
    while ((last - first) / minutes >= REPORT_BARS_MAX)
        minutes *= 2;
    t->speed.minutes_per_bar = minutes;
    t->speed.bars = (size_t)((last - first) / minutes) + 1;
    for (size_t i = from; i < to; i++)
        t->speed.results_in[(t->received[i] / MINUTE_MS - first) / minutes]++;
}

static void finish_speed(struct report_times *t)
{
    size_t from = 0;
    if (t->received_count == 0)
        return;
    qsort(t->received, t->received_count, sizeof *t->received, array_by_number);
    size_t to = longest_stretch(t, &from);
    t->speed.from.ms = t->received[from];
    t->speed.to.ms = t->received[to - 1];
    t->speed.results = (int64_t)(to - from);
    fill_bars(t, from, to);
    find_busiest(t, from, to);
}

static void finish_waits(struct report_times *t)
{
    if (t->wait_count == 0)
        return;
    qsort(t->waits, t->wait_count, sizeof *t->waits, array_by_number);
    t->took.median_ms = t->waits[(t->wait_count - 1) / 2];
    t->took.most_ms = t->waits[(t->wait_count * 95 + 99) / 100 - 1];
    t->took.longest_ms = t->waits[t->wait_count - 1];
    for (size_t i = 0, class = 0; i < t->wait_count; i++) {
        while (t->waits[i] >= report_wait_below_ms[class])
            class ++;
        t->took.in[class]++;
    }
}

void report_times_finish(struct report_times *t)
{
    finish_speed(t);
    finish_waits(t);
}

void report_times_release(struct report_times *t)
{
    free(t->received);
    free(t->waits);
    *t = (struct report_times){0};
}

/* Over whole minutes of the clock: what came within one minute came at that number a minute. */
int64_t report_times_average_tenths(const struct report_times *t)
{
    int64_t minutes = t->speed.to.ms / MINUTE_MS - t->speed.from.ms / MINUTE_MS + 1;
    return (t->speed.results * 10 + minutes / 2) / minutes;
}
