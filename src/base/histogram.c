/* See histogram.h. */
#include "base/histogram.h"

const struct histogram_scale histogram_of_requests = {
    11, {50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 120000}};
const struct histogram_scale histogram_of_jobs = {
    13, {1000, 2000, 4000, 6000, 8000, 12000, 16000, 24000, 32000, 60000, 120000, 300000, 600000}};
const struct histogram_scale histogram_of_delays = {6, {500, 1000, 2000, 5000, 15000, 60000}};
const struct histogram_scale histogram_of_moments = {
    11, {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000}};

void histogram_add(struct histogram *h, const struct histogram_scale *scale, int64_t took_us)
{
    size_t i = 0;
    if (took_us < 0)
        took_us = 0;
    while (i < scale->count && took_us > scale->bounds_ms[i] * 1000)
        i++;
    h->count[i]++;
    h->sum_us += took_us;
}

void histogram_merge(struct histogram *into, const struct histogram *h)
{
    for (size_t i = 0; i < sizeof h->count / sizeof *h->count; i++)
        into->count[i] += h->count[i];
    into->sum_us += h->sum_us;
}

int64_t histogram_total(const struct histogram *h)
{
    int64_t total = 0;
    for (size_t i = 0; i < sizeof h->count / sizeof *h->count; i++)
        total += h->count[i];
    return total;
}
