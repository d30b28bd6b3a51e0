/* html_chart.h - a chart of bars as SVG: attributes and classes alone (the page's style says how they look), with a
 * title and a text for those who don't see it. */
#ifndef MB_REPORT_HTML_CHART_H
#define MB_REPORT_HTML_CHART_H

#include "base/buffer.h"

#include <stdint.h>

enum { HTML_CHART_LABELS = 12, HTML_CHART_LABEL_MAX = 24 };

struct html_chart {
    const char *id;           /* of its own in the page; letters */
    const char *title, *text; /* ours */
    const double *values;
    size_t count;
    double limit; /* a line across; 0: none */
    const char *limit_words;
    struct {
        size_t bar; /* below which it stands */
        char words[HTML_CHART_LABEL_MAX];
    } labels[HTML_CHART_LABELS];
    size_t label_count;
};

void html_chart_put(struct buffer *out, const struct html_chart *c);
/* Below bar number BAR, "18:04". */
void html_chart_label(struct html_chart *c, size_t bar, const char *words);

#endif
