/* The parts of a canvas that all kinds of it share: text set right, centred, shrunk to fit. */
#include "sandbox/invoice/canvas.h"
#include "base/require.h"

#include <string.h>

enum { LINE_MAX_BYTES = 256 };

void canvas_page(struct canvas *c)
{
    c->ops->page(c);
}

void canvas_box(struct canvas *c, unsigned colour, double x, double y, double w, double h)
{
    c->ops->box(c, colour, x, y, w, h);
}

void canvas_line(struct canvas *c, unsigned colour, double width, double x1, double y1, double x2,
                 double y2)
{
    c->ops->line(c, colour, width, x1, y1, x2, y2);
}

void canvas_frame(struct canvas *c, unsigned colour, double line_width, double x, double y,
                  double w, double h)
{
    double half = line_width / 2; /* the corners meet */
    canvas_line(c, colour, line_width, x - half, y, x + w + half, y);
    canvas_line(c, colour, line_width, x - half, y + h, x + w + half, y + h);
    canvas_line(c, colour, line_width, x, y, x, y + h);
    canvas_line(c, colour, line_width, x + w, y, x + w, y + h);
}

void canvas_disc(struct canvas *c, unsigned colour, double x, double y, double radius)
{
    c->ops->disc(c, colour, x, y, radius);
}

struct point canvas_where(struct canvas *c, double x, double y)
{
    return c->ops->where(c, x, y);
}

double canvas_text_width(struct canvas *c, const struct type *t, const char *text)
{
    return c->ops->text_width(c, t->font, t->size, text);
}

double canvas_left(struct canvas *c, const struct type *t, double x, double y, const char *text)
{
    c->ops->text(c, t->font, t->size, t->colour, x, y, text);
    return canvas_text_width(c, t, text);
}

double canvas_right(struct canvas *c, const struct type *t, double x, double y, const char *text)
{
    double w = canvas_text_width(c, t, text);
    c->ops->text(c, t->font, t->size, t->colour, x - w, y, text);
    return w;
}

double canvas_centre(struct canvas *c, const struct type *t, double x, double y, const char *text)
{
    double w = canvas_text_width(c, t, text);
    c->ops->text(c, t->font, t->size, t->colour, x - w / 2, y, text);
    return w;
}

static struct type fitted(struct canvas *c, const struct type *t, double width, const char *text)
{
    struct type smaller = *t;
    double w = canvas_text_width(c, t, text);
    if (w > width)
        smaller.size = t->size * width / w;
    return smaller;
}

void canvas_fit(struct canvas *c, const struct type *t, double x, double y, double width,
                const char *text)
{
    struct type smaller = fitted(c, t, width, text);
    canvas_left(c, &smaller, x, y, text);
}

void canvas_fit_right(struct canvas *c, const struct type *t, double x, double y, double width,
                      const char *text)
{
    struct type smaller = fitted(c, t, width, text);
    canvas_right(c, &smaller, x, y, text);
}

double canvas_lines(struct canvas *c, const struct type *t, double x, double y, double leading,
                    const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        char line[LINE_MAX_BYTES];
        REQUIRE(n < sizeof line);
        memcpy(line, text, n);
        line[n] = '\0';
        canvas_left(c, t, x, y, line);
        y += leading;
        text += n + (text[n] == '\n');
    }
    return y;
}

unsigned colour_tint(unsigned colour, double towards_white)
{
    unsigned out = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double part = (double)((colour >> shift) & 0xff);
        out |= (unsigned)(part + (255.0 - part) * towards_white + 0.5) << shift;
    }
    return out;
}
