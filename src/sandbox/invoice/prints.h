/* prints.h - a canvas that hands everything on to another and notes each text that is set: where on
 * which page, so that it can be said afterwards where a value is printed.
 *
 *   prints_init(&p, &pdf.canvas);
 *   layout_draw(v, &p.canvas);
 *   int i = prints_within(&p, 0, "70173", &at);     a text with that in it
 *   place = prints_place(&p, i, at, 5);             where these five bytes of it are
 *   prints_release(&p);                             the inner canvas is still whole until then
 *
 * Places are on the file's page as a reader sees it, a tilted scan's too: from 0 at its left and
 * top edge to 1 at its right and bottom edge. */
#ifndef MB_SANDBOX_INVOICE_PRINTS_H
#define MB_SANDBOX_INVOICE_PRINTS_H

#include "base/buffer.h"
#include "sandbox/invoice/canvas.h"

#include <stddef.h>

struct print {
    int page;
    enum font font;
    double size, x, y, width; /* of the baseline; points */
    char *text;
};

struct prints {
    struct canvas canvas; /* first: what is drawn on */
    struct canvas *inner;
    struct print *all; /* in the order of drawing; no empty ones */
    int count;
    size_t capacity;
    int page;            /* from 0; -1 before the first */
    struct point origin; /* of the paper, on the file's page */
    double across[2];    /* what a point of paper to the right is there, */
    double down[2];      /* and a point downwards */
};

/* Four corners, clockwise from where the text begins, above it. */
struct place {
    bool printed; /* false: nowhere */
    int page;
    struct point corners[4];
};

void prints_init(struct prints *p, struct canvas *inner);
void prints_release(struct prints *p);

/* The first print from FROM on that is TEXT, or -1. */
int prints_exact(const struct prints *p, int from, const char *text);
/* The first that has TEXT in it as whole words, at byte *AT; or -1. */
int prints_within(const struct prints *p, int from, const char *text, size_t *at);
/* LEN bytes from byte AT of print I on; not printed if I is -1. */
struct place prints_place(const struct prints *p, int i, size_t at, size_t len);
/* All of it. */
struct place prints_whole(const struct prints *p, int i);
/* Where the paper itself lies on the file's page. */
struct place prints_paper(const struct prints *p);

/* Byte of TEXT at which WORDS stand as whole words from FROM on, or -1. */
int words_find(const char *text, size_t from, const char *words);

/* [[x,y],[x,y],[x,y],[x,y]] */
void place_put_polygon(struct buffer *out, const struct place *at);
/* What OCR finds: [{"words":[{"content","polygon"}],"content"}] with an object for each page. */
void prints_put_pages(const struct prints *p, struct buffer *out);

#endif
