/* The canvas as an image, by cairo: a sheet as a scanner gives it, a little askew; or a receipt
 * photographed on a desk, with the shadow and the light that go with it. The scene is drawn when
 * the page begins; from then on the canvas's points are turned and scaled onto the paper.
 *
 * cairo remembers its first error and does nothing after it,
 * so it is looked at once, at the end. */
#include "sandbox/invoice/canvas.h"
#include "sandbox/invoice/image.h"
#include "sandbox/invoice/layout.h"
#include "sandbox/invoice/render.h"
#include "sandbox/invoice/truth.h"

#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <math.h>

/* DejaVu comes with every fontconfig of Debian; it is wider and larger than the PDF's fonts, which
 * the layouts are measured for. */
static const struct {
    const char *family;
    cairo_font_slant_t slant;
    cairo_font_weight_t weight;
    double x_scale, y_scale;
} faces[FONT_COUNT] = {
    [FONT_SANS] = {"DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL, 0.84, 0.92},
    [FONT_SANS_BOLD] = {"DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD, 0.82, 0.92},
    [FONT_SERIF] = {"DejaVu Serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL, 0.78, 0.86},
    [FONT_SERIF_BOLD] = {"DejaVu Serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD, 0.76,
                         0.86},
    [FONT_SERIF_ITALIC] = {"DejaVu Serif", CAIRO_FONT_SLANT_ITALIC, CAIRO_FONT_WEIGHT_NORMAL, 0.76,
                           0.86},
    [FONT_MONO] = {"DejaVu Sans Mono", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL, 0.99,
                   1.0},
    [FONT_MONO_BOLD] = {"DejaVu Sans Mono", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD, 0.99,
                        1.0},
};

struct scene {
    struct canvas canvas; /* first */
    cairo_surface_t *surface;
    cairo_t *cr;
    double scale;  /* pixels a point */
    double margin; /* of desk around the paper, points */
    double angle;  /* radians */
    bool photo;
};

static struct scene *scene_of(struct canvas *c)
{
    return (struct scene *)(void *)c;
}

static void set_colour(cairo_t *cr, unsigned colour, double alpha)
{
    cairo_set_source_rgba(cr, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                          (colour & 0xff) / 255.0, alpha);
}

/* Boards with a grain: bands whose shade follows a few sines. */
static void draw_desk(struct scene *s, double width, double height)
{
    set_colour(s->cr, 0x8b6b4a, 1);
    cairo_paint(s->cr);
    for (int y = 0; y < (int)height; y += 3) {
        double shade = sin(y * 0.11) + sin(y * 0.37 + 1) + sin(y * 0.043 + 2);
        set_colour(s->cr, shade > 0 ? 0xffe9c9 : 0x2b1a0c, 0.035 * fabs(shade));
        cairo_rectangle(s->cr, 0, y, width, 3);
        cairo_fill(s->cr);
    }
    for (int y = 150; y < (int)height; y += 210) {
        set_colour(s->cr, 0x2b1a0c, 0.55);
        cairo_rectangle(s->cr, 0, y, width, 1.6);
        cairo_fill(s->cr);
    }
}

static void draw_shadow(struct scene *s)
{
    for (int i = 10; i > 0; i--) {
        cairo_set_source_rgba(s->cr, 0, 0, 0, 0.032);
        cairo_rectangle(s->cr, 5 - i, 6 - i, s->canvas.width + 2 * i, s->canvas.height + 2 * i);
        cairo_fill(s->cr);
    }
}

static void scene_page(struct canvas *c)
{
    struct scene *s = scene_of(c);
    double width = c->width + 2 * s->margin, height = c->height + 2 * s->margin;
    cairo_scale(s->cr, s->scale, s->scale);
    if (s->photo) {
        draw_desk(s, width, height);
    } else {
        set_colour(s->cr, 0xffffff, 1);
        cairo_paint(s->cr);
    }
    cairo_translate(s->cr, width / 2, height / 2);
    cairo_rotate(s->cr, s->angle);
    cairo_translate(s->cr, -c->width / 2, -c->height / 2);
    if (!s->photo)
        return;
    draw_shadow(s);
    set_colour(s->cr, 0xfbfaf6, 1);
    cairo_rectangle(s->cr, 0, 0, c->width, c->height);
    cairo_fill(s->cr);
}

/* Light from the upper left, falling off across the picture. */
static void draw_light(struct scene *s)
{
    double w = s->canvas.width + 2 * s->margin, h = s->canvas.height + 2 * s->margin;
    cairo_identity_matrix(s->cr);
    cairo_scale(s->cr, s->scale, s->scale);
    cairo_pattern_t *p = cairo_pattern_create_radial(w * 0.3, h * 0.25, 20, w * 0.4, h * 0.4, h);
    cairo_pattern_add_color_stop_rgba(p, 0, 1, 0.97, 0.9, 0.10);
    cairo_pattern_add_color_stop_rgba(p, 0.35, 0.3, 0.25, 0.2, 0.04);
    cairo_pattern_add_color_stop_rgba(p, 1, 0.05, 0.03, 0.02, 0.42);
    cairo_set_source(s->cr, p);
    cairo_paint(s->cr);
    cairo_pattern_destroy(p);
}

static void set_font(cairo_t *cr, enum font font, double size)
{
    cairo_matrix_t m;
    cairo_select_font_face(cr, faces[font].family, faces[font].slant, faces[font].weight);
    cairo_matrix_init_scale(&m, size * faces[font].x_scale, size * faces[font].y_scale);
    cairo_set_font_matrix(cr, &m);
}

static void scene_text(struct canvas *c, enum font font, double size, unsigned colour, double x,
                       double y, const char *text)
{
    cairo_t *cr = scene_of(c)->cr;
    set_font(cr, font, size);
    set_colour(cr, colour, 1);
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, text);
}

static double scene_text_width(struct canvas *c, enum font font, double size, const char *text)
{
    cairo_text_extents_t extents;
    set_font(scene_of(c)->cr, font, size);
    cairo_text_extents(scene_of(c)->cr, text, &extents);
    return extents.x_advance;
}

static void scene_box(struct canvas *c, unsigned colour, double x, double y, double w, double h)
{
    cairo_t *cr = scene_of(c)->cr;
    set_colour(cr, colour, 1);
    cairo_rectangle(cr, x, y, w, h);
    cairo_fill(cr);
}

static void scene_line(struct canvas *c, unsigned colour, double width, double x1, double y1,
                       double x2, double y2)
{
    cairo_t *cr = scene_of(c)->cr;
    set_colour(cr, colour, 1);
    cairo_set_line_width(cr, width);
    cairo_move_to(cr, x1, y1);
    cairo_line_to(cr, x2, y2);
    cairo_stroke(cr);
}

static void scene_disc(struct canvas *c, unsigned colour, double x, double y, double radius)
{
    cairo_t *cr = scene_of(c)->cr;
    set_colour(cr, colour, 1);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, radius, 0, 6.283185307179586);
    cairo_fill(cr);
}

static struct point scene_where(struct canvas *c, double x, double y)
{
    struct scene *s = scene_of(c);
    cairo_user_to_device(s->cr, &x, &y);
    return (struct point){x / cairo_image_surface_get_width(s->surface),
                          y / cairo_image_surface_get_height(s->surface)};
}

static const struct canvas_ops scene_ops = {scene_page, scene_text, scene_text_width, scene_box,
                                            scene_line, scene_disc, scene_where};

static void set_up(struct scene *s, const struct invoice *v)
{
    struct page_size size = layout_page_size(v);
    bool receipt = invoice_is_receipt(v);
    double askew = (double)(v->look % 201) / 100.0 - 1.0; /* -1 .. 1 */
    s->canvas = (struct canvas){&scene_ops, size.width, size.height};
    s->photo = receipt && v->medium == MEDIUM_JPEG;
    s->scale = receipt ? 2.4 : 1.75;
    s->margin = s->photo ? 48 : 0;
    s->angle = askew * (s->photo ? 0.05 : 0.006);
    s->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24,
                                            (int)((size.width + 2 * s->margin) * s->scale),
                                            (int)((size.height + 2 * s->margin) * s->scale));
    s->cr = cairo_create(s->surface);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(s->cr, options);
    cairo_font_options_destroy(options);
}

static int encode(struct scene *s, const struct invoice *v, const char *mark, struct buffer *out,
                  struct error *e)
{
    cairo_status_t status = cairo_status(s->cr);
    if (status != CAIRO_STATUS_SUCCESS)
        return error_set(e, ERR_FORMAT, "cairo: %s", cairo_status_to_string(status));
    cairo_surface_flush(s->surface);
    struct pixels pixels = {.data = cairo_image_surface_get_data(s->surface),
                            .width = cairo_image_surface_get_width(s->surface),
                            .height = cairo_image_surface_get_height(s->surface),
                            .stride = cairo_image_surface_get_stride(s->surface)};
    return v->medium == MEDIUM_PNG ? image_encode_png(&pixels, mark, out, e)
                                   : image_encode_jpeg(&pixels, mark, out, e);
}

int invoice_render_image(const struct invoice *v, struct buffer *out, struct error *e)
{
    struct scene s = {.surface = NULL};
    struct buffer mark;
    buffer_init(&mark, 0);
    set_up(&s, v);
    invoice_draw(v, &s.canvas, &mark);
    if (s.photo)
        draw_light(&s);
    int rc = encode(&s, v, buffer_text(&mark), out, e);
    buffer_release(&mark);
    cairo_destroy(s.cr);
    cairo_surface_destroy(s.surface);
    return rc;
}

void invoice_render_end(void)
{
    cairo_debug_reset_static_data();
    FcFini();
}
