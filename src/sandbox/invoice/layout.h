/* layout.h - how an invoice looks: five styles of invoice paper and a till receipt, each
 * drawn onto a canvas, which is a PDF or an image. */
#ifndef MB_SANDBOX_INVOICE_LAYOUT_H
#define MB_SANDBOX_INVOICE_LAYOUT_H

#include "sandbox/invoice/canvas.h"
#include "sandbox/invoice/model.h"

struct page_size {
    double width, height; /* points */
};

/* How many lines fit: on the first of several pages, on each further one; and how many of these the
 * totals take on the last. */
struct layout_capacity {
    int first, next, reserve;
};

struct page_size layout_page_size(const struct invoice *v);
struct layout_capacity layout_capacity_of(enum layout_style style, bool letter_paper);

/* Lines on page PAGE (from 0) of a document with COUNT lines that starts with line START; sets
 * *LAST if the totals follow on that page. */
int layout_lines_on_page(const struct layout_capacity *c, int page, int start, int count,
                         bool *last);
int layout_pages(const struct invoice *v);

void layout_draw(const struct invoice *v, struct canvas *c);

#endif
