/* See html_chart.h. Coordinates are those of a view of 480 by 190, which the page scales: letters of 12 can be read on
 * a phone, too. */
#include "report/html_chart.h"

#include "base/text.h"
#include "report/html_text.h"

#include <math.h>

enum { WIDTH = 480, HEIGHT = 190, LEFT = 46, RIGHT = 476, TOP = 14, BOTTOM = 164, STEPS = 4 };

void html_chart_label(struct html_chart *c, size_t bar, const char *words)
{
    if (c->label_count == HTML_CHART_LABELS)
        return;
    c->labels[c->label_count].bar = bar;
    text_copy(c->labels[c->label_count++].words, HTML_CHART_LABEL_MAX, words);
}

/* What a grid line is above the one before: 1, 2 or 5 with zeros. */
static double step_for(double most)
{
    double step = 1;
    for (int i = 0; step * STEPS < most; i++)
        step *= i % 3 == 1 ? 2.5 : 2;
    return step;
}

static double height_of(double value, double top)
{
    return BOTTOM - value / top * (BOTTOM - TOP);
}

static void put_grid(struct buffer *out, double step, double top)
{
    for (int i = 0; i * step <= top + step / 2; i++) {
        double y = height_of(i * step, top);
        buffer_printf(out,
                      "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                      "<text class=\"end\" x=\"%d\" y=\"%.1f\">",
                      LEFT, RIGHT, y, y, LEFT - 6, y + 4);
        html_count(out, (int64_t)(i * step));
        buffer_put(out, "</text>");
    }
}

static void put_bars(struct buffer *out, const struct html_chart *c, double top)
{
    double room = (double)(RIGHT - LEFT) / (double)c->count, width = fmin(room * 0.8, 40);
    for (size_t i = 0; i < c->count; i++) {
        double y = height_of(c->values[i], top);
        if (c->values[i] > 0)
            buffer_printf(
                out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                LEFT + room * ((double)i + 0.5) - width / 2, y, width, fmax(BOTTOM - y, 0.5));
    }
    for (size_t i = 0; i < c->label_count; i++) {
        double x = LEFT + room * ((double)c->labels[i].bar + 0.5);
        bool last = x > RIGHT - 24;
        buffer_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%d\">", last ? "end" : "mid",
                      last ? (double)RIGHT : x, BOTTOM + 18);
        html_text(out, c->labels[i].words);
        buffer_put(out, "</text>");
    }
}

static void put_limit(struct buffer *out, const struct html_chart *c, double top)
{
    double y = height_of(c->limit, top);
    buffer_printf(out,
                  "<line class=\"limit\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                  "<text class=\"end over\" x=\"%d\" y=\"%.1f\">",
                  LEFT, RIGHT, y, y, RIGHT, y - 5);
    html_text(out, c->limit_words);
    buffer_put(out, "</text>");
}

void html_chart_put(struct buffer *out, const struct html_chart *c)
{
    double most = c->limit;
    for (size_t i = 0; i < c->count; i++)
        most = fmax(most, c->values[i]);
    double step = step_for(most), top = step * fmax(1, ceil(most / step));
    if (c->limit > 0 && height_of(c->limit, top) - 16 < 0)
        top += step; /* room for the limit's words */
    buffer_printf(out,
                  "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\">"
                  "<title id=\"%s-t\">",
                  WIDTH, HEIGHT, c->id, c->id, c->id);
    html_text(out, c->title);
    buffer_printf(out, "</title><desc id=\"%s-d\">", c->id);
    html_text(out, c->text);
    buffer_put(out, "</desc>");
    put_grid(out, step, top);
    put_bars(out, c, top);
    if (c->limit > 0)
        put_limit(out, c, top);
    buffer_put(out, "</svg>");
}
