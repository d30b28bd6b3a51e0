/* canvas.h - what a layout draws on. Points (1/72 inch), the origin at the top left, text
 * placed by its baseline, in UTF-8; colours 0xRRGGBB. Who makes a canvas also frees it and reports
 * what went wrong. */
#ifndef MB_SANDBOX_INVOICE_CANVAS_H
#define MB_SANDBOX_INVOICE_CANVAS_H

enum font {
    FONT_SANS,
    FONT_SANS_BOLD,
    FONT_SERIF,
    FONT_SERIF_BOLD,
    FONT_SERIF_ITALIC,
    FONT_MONO,
    FONT_MONO_BOLD,
    FONT_COUNT
};

/* A place on a page, or on the paper. */
struct point {
    double x, y;
};

struct canvas {
    const struct canvas_ops *ops;
    double width, height; /* of a page */
};

struct canvas_ops {
    void (*page)(struct canvas *);
    void (*text)(struct canvas *, enum font, double size, unsigned, double x, double y,
                 const char *text);
    double (*text_width)(struct canvas *, enum font, double size, const char *text);
    void (*box)(struct canvas *, unsigned, double x, double y, double w, double h);
    void (*line)(struct canvas *, unsigned, double width, double x1, double y1, double x2,
                 double y2);
    void (*disc)(struct canvas *, unsigned, double x, double y, double radius);
    /* Where a point of the paper is on the file's page: 0 to 1 from its left and its top edge. */
    struct point (*where)(struct canvas *, double x, double y);
};

/* A text's look, so that a layout names it once. */
struct type {
    enum font font;
    double size;
    unsigned colour;
};

void canvas_page(struct canvas *c); /* begins the next page; before anything else */
void canvas_box(struct canvas *c, unsigned colour, double x, double y, double w, double h);
void canvas_frame(struct canvas *c, unsigned colour, double line_width, double x, double y,
                  double w, double h);
void canvas_line(struct canvas *c, unsigned colour, double width, double x1, double y1, double x2,
                 double y2);
void canvas_disc(struct canvas *c, unsigned colour, double x, double y, double radius);
struct point canvas_where(struct canvas *c, double x, double y);

double canvas_text_width(struct canvas *c, const struct type *t, const char *text);
/* From X to the right; up to X; around X. Returns the width. */
double canvas_left(struct canvas *c, const struct type *t, double x, double y, const char *text);
double canvas_right(struct canvas *c, const struct type *t, double x, double y, const char *text);
double canvas_centre(struct canvas *c, const struct type *t, double x, double y, const char *text);
/* Like canvas_left and canvas_right, set smaller where WIDTH would be exceeded. */
void canvas_fit(struct canvas *c, const struct type *t, double x, double y, double width,
                const char *text);
void canvas_fit_right(struct canvas *c, const struct type *t, double x, double y, double width,
                      const char *text);
/* Lines parted by '\n', LEADING apart. Returns the baseline after the last. */
double canvas_lines(struct canvas *c, const struct type *t, double x, double y, double leading,
                    const char *text);

/* COLOUR mixed with white: 0 leaves it, 1 is white. */
unsigned colour_tint(unsigned colour, double towards_white);

#endif
