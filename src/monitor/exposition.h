/* exposition.h - numbers in the text that Prometheus reads: version 0.0.4 of its own, or OpenMetrics 1.0.
 *
 *   struct exposition x;
 *   exposition_init(&x, &buffer, open_metrics);
 *   exposition_family(&x, EXPOSE_COUNTER, "mindee_batch_requests", "Requests to Mindee.");    without _total
 *   exposition_label(&x, "kind", "poll");                    for the next sample
 *   exposition_count(&x, 17);
 *   exposition_end(&x);
 *
 * A family stands in one place, its samples behind it. Label values are words of ours and names of sections: nothing in
 * them needs a backslash. */
#ifndef MB_MONITOR_EXPOSITION_H
#define MB_MONITOR_EXPOSITION_H

#include "base/buffer.h"
#include "base/histogram.h"

enum exposition_kind { EXPOSE_COUNTER, EXPOSE_GAUGE, EXPOSE_HISTOGRAM, EXPOSE_INFO };

enum { EXPOSITION_LABELS_MAX = 512 };

struct exposition {
    struct buffer *out;
    bool open_metrics;
    enum exposition_kind kind; /* of the family */
    const char *name;
    const struct histogram *needed;     /* exposition_only_buckets_of */
    char labels[EXPOSITION_LABELS_MAX]; /* of the next sample: a="b",c="d" */
    size_t labels_len;
};

extern const char exposition_type_prometheus[], exposition_type_open_metrics[]; /* Content-Type */

void exposition_init(struct exposition *x, struct buffer *out, bool open_metrics);
void exposition_family(struct exposition *x, enum exposition_kind kind, const char *name,
                       const char *help);
void exposition_label(struct exposition *x, const char *name, const char *value);
/* Samples. Each takes the labels that were given since the last. */
void exposition_count(struct exposition *x, int64_t value);
void exposition_micro(struct exposition *x, int64_t millionths); /* exact: "1.5" */
void exposition_ms(struct exposition *x, int64_t ms);            /* as seconds */
/* An empty one is told by its last bucket alone, so that many batches at rest cost little. */
void exposition_histogram(struct exposition *x, const struct histogram_scale *scale,
                          const struct histogram *h);
/* Of the family's histograms only those buckets that ALL, their sum, needs: the same of each, so that they can be added up.
 * What is needed once is needed for good. NULL: every bucket. */
void exposition_only_buckets_of(struct exposition *x, const struct histogram *all);
void exposition_end(struct exposition *x);

#endif
