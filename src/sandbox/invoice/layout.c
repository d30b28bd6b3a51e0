/* From an invoice to pages. How many lines a page takes follows from where its style puts the
 * table; the same geometry then places it, so that what was counted on is what is drawn. */
#include "sandbox/invoice/layout.h"
#include "base/require.h"
#include "sandbox/invoice/sheet.h"

static const struct page_size a4 = {595, 842}, letter = {612, 792};

enum { RECEIPT_WIDTH = 226, RECEIPT_HEAD = 254, RECEIPT_ITEM = 22, RECEIPT_TAX = 12 };

static const struct {
    double first_y, next_y; /* the table's head on the first page and on the others */
    double bottom;          /* kept free at the foot of the page */
    double header_height, row_height;
    double reserve; /* for the totals */
    void (*draw)(struct sheet *);
} styles[LAYOUT_COUNT] = {
    [LAYOUT_CLASSIC] = {302, 92, 96, 20, 18, 132, sheet_classic},
    [LAYOUT_MODERN] = {300, 78, 70, 22, 20, 130, sheet_modern},
    [LAYOUT_SIDEBAR] = {292, 84, 56, 20, 27, 128, sheet_sidebar},
    [LAYOUT_MINIMAL] = {322, 104, 86, 22, 20, 140, sheet_minimal},
    [LAYOUT_ERP] = {286, 132, 64, 18, 15, 120, sheet_erp},
    [LAYOUT_RECEIPT] = {0, 0, 0, 0, 0, 0, sheet_receipt},
};

struct page_size layout_page_size(const struct invoice *v)
{
    if (!invoice_is_receipt(v))
        return v->supplier->letter_paper ? letter : a4;
    double height = RECEIPT_HEAD + v->item_count * RECEIPT_ITEM + v->tax_count * RECEIPT_TAX;
    return (struct page_size){RECEIPT_WIDTH, height};
}

struct layout_capacity layout_capacity_of(enum layout_style style, bool letter_paper)
{
    double row = styles[style].row_height;
    double room =
        (letter_paper ? letter : a4).height - styles[style].bottom - styles[style].header_height;
    REQUIRE(style != LAYOUT_RECEIPT);
    return (struct layout_capacity){.first = (int)((room - styles[style].first_y) / row),
                                    .next = (int)((room - styles[style].next_y) / row),
                                    .reserve = (int)(styles[style].reserve / row) + 1};
}

int layout_lines_on_page(const struct layout_capacity *c, int page, int start, int count,
                         bool *last)
{
    int room = page == 0 ? c->first : c->next, left = count - start;
    *last = left <= room - c->reserve;
    if (*last || left > room)
        return left < room ? left : room;
    return left - 2 > 0 ? left - 2 : left; /* the totals never stand alone on a page */
}

int layout_pages(const struct invoice *v)
{
    bool last = false;
    int pages = 0;
    if (invoice_is_receipt(v))
        return 1;
    struct layout_capacity c = layout_capacity_of(v->supplier->layout, v->supplier->letter_paper);
    for (int start = 0; !last; pages++)
        start += layout_lines_on_page(&c, pages, start, v->item_count, &last);
    return pages;
}

void layout_draw(const struct invoice *v, struct canvas *c)
{
    enum layout_style style = v->supplier->layout;
    struct sheet s = {.c = c, .v = v, .s = v->supplier, .l = labels_of(v->supplier->language)};
    s.header_height = styles[style].header_height;
    s.row_height = styles[style].row_height;
    s.pages = v->pages;
    for (; s.page < s.pages; s.page++, s.start += s.lines) {
        if (style == LAYOUT_RECEIPT) {
            s.lines = v->item_count;
        } else {
            struct layout_capacity cap = layout_capacity_of(style, v->supplier->letter_paper);
            s.lines = layout_lines_on_page(&cap, s.page, s.start, v->item_count, &s.last);
        }
        s.table_y = s.page == 0 ? styles[style].first_y : styles[style].next_y;
        canvas_page(c);
        styles[style].draw(&s);
    }
    REQUIRE(s.start == v->item_count);
}
