/* How fast results came, with the limit on uploads as a line, and how long each took. */
#include "report/html_sections.h"

#include "base/units.h"
#include "report/html_chart.h"
#include "report/html_table.h"
#include "report/html_text.h"

#include <string.h>

enum { MINUTE_MS = 60 * 1000 };

static void put_tenths(struct buffer *out, int64_t tenths)
{
    html_count(out, tenths >= 100 ? (tenths + 5) / 10 : tenths / 10);
    if (tenths < 100 && tenths % 10)
        buffer_printf(out, ".%d", (int)(tenths % 10));
}

static void put_speed_words(struct buffer *out, const struct report_data *d)
{
    const struct report_times *t = &d->times;
    bool all = t->speed.results == (int64_t)t->received_count;
    if (all)
        buffer_put(out, t->speed.results == 1 ? "The only result" : "All ");
    if (!all || t->speed.results > 1)
        html_counted(out, t->speed.results, "result", "results");
    buffer_put(out, " came between ");
    html_moment(out, d, t->speed.from, true);
    buffer_put(out, " and ");
    html_moment(out, d, t->speed.to,
                t->speed.to.ms - t->speed.from.ms > 12 * 60 * (int64_t)MINUTE_MS);
    buffer_put(out, ": ");
    put_tenths(out, report_times_average_tenths(t));
    buffer_put(out, " a minute, ");
    html_count(out, t->speed.busiest);
    buffer_put(out, " in the busiest (");
    html_moment(out, d, t->speed.busiest_at, false);
    buffer_put(out, ").");
    if (d->options->uploads_per_minute) {
        buffer_put(out, " The limit is ");
        html_counted(out, d->options->uploads_per_minute, "upload", "uploads");
        buffer_put(out, " a minute.");
    }
    if (!all) {
        buffer_put(out, " The other ");
        html_counted(out, (int64_t)t->received_count - t->speed.results, "result", "results");
        buffer_put(out, " came at other times.");
    }
}

static void label_bars(struct html_chart *c, const struct report_data *d)
{
    const struct report_times *t = &d->times;
    enum { LABELS = 6 };
    size_t every = (t->speed.bars + LABELS - 1) / LABELS;
    struct buffer words;
    buffer_init(&words, 0);
    for (size_t i = 0; i < t->speed.bars; i += every) {
        struct wall at = {(t->speed.from.ms / MINUTE_MS + (int64_t)i * t->speed.minutes_per_bar) *
                          MINUTE_MS};
        struct zone_time shown;
        zone_show(d->options->zone, at, &shown);
        buffer_clear(&words);
        if (t->speed.minutes_per_bar >= 24 * 60)
            buffer_printf(&words, "%02d-%02d", shown.date.month, shown.date.day);
        else
            html_moment(&words, d, at, false);
        html_chart_label(c, i, buffer_text(&words));
    }
    buffer_release(&words);
}

static void put_speed(struct buffer *out, const struct report_data *d)
{
    const struct report_times *t = &d->times;
    double values[REPORT_BARS_MAX];
    struct buffer words, limit;
    buffer_init(&words, 0);
    buffer_init(&limit, 0);
    put_speed_words(&words, d);
    buffer_put(&limit, "limit ");
    html_count(&limit, d->options->uploads_per_minute);
    for (size_t i = 0; i < t->speed.bars; i++)
        values[i] = (double)t->speed.results_in[i] / (double)t->speed.minutes_per_bar;
    struct html_chart chart = {.id = "speed",
                               .title = "Results a minute",
                               .text = buffer_text(&words),
                               .values = values,
                               .count = t->speed.bars,
                               .limit = d->options->uploads_per_minute,
                               .limit_words = buffer_text(&limit)};
    label_bars(&chart, d);
    buffer_put(out, "<figure><h3>Results a minute</h3>\n");
    html_chart_put(out, &chart);
    buffer_printf(out, "<figcaption class=\"note\">%s</figcaption></figure>\n",
                  buffer_text(&words));
    buffer_release(&words);
    buffer_release(&limit);
}

/* --- processing times --- */

static void put_duration(struct buffer *out, int64_t ms)
{
    char text[UNITS_TEXT_MAX];
    buffer_put(out, duration_format(ms, text));
}

static void put_took_words(struct buffer *out, const struct report_times *t)
{
    buffer_put(out, "From the accepted upload to its result: half took at most ");
    put_duration(out, t->took.median_ms);
    buffer_put(out, ", 95 in 100 at most ");
    put_duration(out, t->took.most_ms);
    buffer_put(out, ", the longest ");
    put_duration(out, t->took.longest_ms);
    buffer_put(out, ".");
}

static void put_took(struct buffer *out, const struct report_data *d)
{
    static const char *const names[REPORT_WAITS] = {"<2 s",  "5 s",   "10 s",  "20 s",   "30 s",
                                                    "1 min", "2 min", "5 min", "15 min", "more"};
    const struct report_times *t = &d->times;
    double values[REPORT_WAITS];
    struct buffer words;
    if (t->wait_count == 0)
        return;
    buffer_init(&words, 0);
    put_took_words(&words, t);
    struct html_chart chart = {.id = "took",
                               .title = "How long a result took",
                               .text = buffer_text(&words),
                               .values = values,
                               .count = REPORT_WAITS};
    for (size_t i = 0; i < REPORT_WAITS; i++) {
        values[i] = (double)t->took.in[i];
        html_chart_label(&chart, i, names[i]);
    }
    buffer_put(out, "<figure><h3>How long a result took</h3>\n");
    html_chart_put(out, &chart);
    buffer_printf(out, "<figcaption class=\"note\">%s</figcaption></figure>\n",
                  buffer_text(&words));
    buffer_release(&words);
}

void html_times(struct buffer *out, const struct report_data *d)
{
    if (d->times.speed.results == 0)
        return;
    html_heading(out, "times", "Speed", -1);
    buffer_put(out, "<div class=\"charts\">\n");
    put_speed(out, d);
    put_took(out, d);
    buffer_put(out, "</div>\n");
}
