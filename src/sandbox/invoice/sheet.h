/* sheet.h - what the styles of invoice paper have in common: the page being drawn, the
 * table of lines, the rows of the totals, the facts in the head. Each style is a function that
 * draws one page of it. */
#ifndef MB_SANDBOX_INVOICE_SHEET_H
#define MB_SANDBOX_INVOICE_SHEET_H

#include "sandbox/invoice/canvas.h"
#include "sandbox/invoice/model.h"

enum { INK = 0x1b1f24, GREY = 0x6b7280, RULE = 0xd1d5db, WHITE = 0xffffff };

struct sheet {
    struct canvas *c;
    const struct invoice *v;
    const struct supplier *s;
    const struct labels *l;
    double table_y, row_height, header_height; /* of the table on this page */
    int page, pages;                           /* from 0 */
    int start, lines;                          /* the items on this page */
    bool last;                                 /* the totals come on this page */
};

/* One page of a style. */
void sheet_classic(struct sheet *s);
void sheet_modern(struct sheet *s);
void sheet_sidebar(struct sheet *s);
void sheet_minimal(struct sheet *s);
void sheet_erp(struct sheet *s);
void sheet_receipt(struct sheet *s);

struct table_look {
    double left, right;
    double amount, rate, price, quantity; /* column widths; the description takes the rest */
    double code;                          /* 0: the code stands under the description */
    struct type head, body, small;
    bool head_filled, zebra, rules, grid;
    unsigned fill, stripe, rule; /* behind the head, behind every second line, between lines */
};

/* Draws head and lines of this page at table_y; returns the y below. */
double sheet_table(struct sheet *s, const struct table_look *look);

enum { TOTAL_ROWS_MAX = TAXES_MAX + 2, SHEET_TEXT_MAX = 256 };

struct total_row {
    char label[96], amount[MONEY_TEXT_MAX];
};

/* Net, taxes, and the grand total last. Returns how many. */
int sheet_totals(const struct sheet *s, struct total_row rows[TOTAL_ROWS_MAX]);

struct fact {
    const char *label;
    char value[64];
};

enum { FACTS_MAX = 5 };

/* Number, date, due date and the references there are. Returns how many. */
int sheet_facts(const struct sheet *s, struct fact facts[FACTS_MAX]);

/* Texts. Return OUT. */
const char *sheet_page_label(const struct sheet *s, char out[SHEET_TEXT_MAX]);
const char *sheet_terms(const struct sheet *s, char out[SHEET_TEXT_MAX]);
const char *sheet_address_line(const struct sheet *s, char out[SHEET_TEXT_MAX]);
const char *sheet_registration(const struct sheet *s, int i, char out[SHEET_TEXT_MAX]);
const char *sheet_phone(const struct sheet *s, char out[SHEET_TEXT_MAX]);

/* The customer's name, address and tax number, from baseline Y on. Returns the y after. */
double sheet_customer(struct sheet *s, const struct type *name, const struct type *body,
                      const struct type *small, double x, double y, double leading);

/* TEXT's parts, which " · " parts, a line each no wider than WIDTH. Returns the y after. */
double sheet_stacked(struct sheet *s, const struct type *t, double x, double y, double width,
                     double leading, const char *text);

#endif
