/* Delays, until the month is over. */
#include "month.h"

#include "base/require.h"

#include <stdlib.h>

struct found {
    double ended_s;
    float delay_s;
};

struct tally {
    struct found *found;
    int64_t count;
};

struct tally *tally_new(const struct month *m)
{
    struct tally *t = xcalloc(1, sizeof *t);
    t->found = xcalloc((size_t)m->documents, sizeof *t->found);
    return t;
}

void tally_found(struct tally *t, double ended_s, double delay_s)
{
    t->found[t->count++] = (struct found){ended_s, (float)delay_s};
}

static int by_delay(const void *a, const void *b)
{
    float x = ((const struct found *)a)->delay_s, y = ((const struct found *)b)->delay_s;
    return (x > y) - (x < y);
}

static int by_end(const void *a, const void *b)
{
    double x = ((const struct found *)a)->ended_s, y = ((const struct found *)b)->ended_s;
    return (x > y) - (x < y);
}

static double mean(const struct tally *t, int64_t from)
{
    double sum = 0;
    for (int64_t i = from; i < t->count; i++)
        sum += (double)t->found[i].delay_s;
    return sum / (double)(t->count - from);
}

void tally_finish(struct tally *t, struct outcome_of_month *out)
{
    if (t->count > 0) {
        out->delay_mean_s = mean(t, 0);
        qsort(t->found, (size_t)t->count, sizeof *t->found, by_delay);
        out->delay_p95_s = (double)t->found[(t->count - 1) * 95 / 100].delay_s;
        out->delay_most_s = (double)t->found[t->count - 1].delay_s;
        qsort(t->found, (size_t)t->count, sizeof *t->found, by_end);
        int64_t from = t->count > LAST ? t->count - LAST : 0;
        out->delay_last_s = mean(t, from);
        for (int64_t i = from; i < t->count; i++)
            if ((double)t->found[i].delay_s > out->delay_last_most_s)
                out->delay_last_most_s = (double)t->found[i].delay_s;
    }
    free(t->found);
    free(t);
}
