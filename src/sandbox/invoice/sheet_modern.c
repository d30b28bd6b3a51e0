/* Two sheets of today: "modern", a band of colour across the top, the facts on cards and the total
 * in a box; and "sidebar", the seller in a coloured column down the side. */
#include "sandbox/invoice/sheet.h"

#include <stdio.h>

static const double margin = 46;

static void modern_head(struct sheet *s, double right)
{
    const unsigned pale = colour_tint(s->s->colour, 0.75);
    const struct type name = {FONT_SANS_BOLD, 20, WHITE}, slogan = {FONT_SANS, 9.5, pale};
    const struct type title = {FONT_SANS, 27, WHITE}, number = {FONT_SANS, 10, pale};
    if (s->page) {
        const struct type small = {FONT_SANS_BOLD, 11, WHITE};
        canvas_box(s->c, s->s->colour, 0, 0, s->c->width, 50);
        canvas_left(s->c, &small, margin, 31, s->s->name);
        canvas_right(s->c, &number, right, 31, s->v->number);
        return;
    }
    canvas_box(s->c, s->s->colour, 0, 0, s->c->width, 112);
    canvas_box(s->c, colour_tint(s->s->colour, 0.35), 0, 112, s->c->width, 4);
    canvas_left(s->c, &name, margin, 58, s->s->name);
    canvas_left(s->c, &slogan, margin, 76, s->s->slogan);
    canvas_right(s->c, &title, right, 58, s->l->invoice);
    canvas_right(s->c, &number, right, 76, s->v->number);
}

static void modern_cards(struct sheet *s, double right)
{
    const struct type label = {FONT_SANS, 7.5, GREY}, value = {FONT_SANS_BOLD, 10, INK};
    struct fact facts[FACTS_MAX];
    int n = sheet_facts(s, facts);
    double gap = 10, w = (right - margin - 3 * gap) / 4;
    for (int i = 1; i < n; i++) { /* the number stands in the band */
        double x = margin + (i - 1) * (w + gap);
        canvas_box(s->c, colour_tint(s->s->colour, 0.92), x, 134, w, 40);
        canvas_box(s->c, s->s->colour, x, 134, 2.5, 40);
        canvas_left(s->c, &label, x + 12, 150, facts[i].label);
        canvas_fit(s->c, &value, x + 12, 165, w - 18, facts[i].value);
    }
}

static void modern_parties(struct sheet *s)
{
    const struct type label = {FONT_SANS_BOLD, 8, s->s->colour}, body = {FONT_SANS, 9.5, INK};
    const struct type bold = {FONT_SANS_BOLD, 10.5, INK}, small = {FONT_SANS, 8.5, GREY};
    double x = s->c->width / 2 + 10;
    char text[SHEET_TEXT_MAX];
    canvas_left(s->c, &label, margin, 201, s->l->bill_to);
    sheet_customer(s, &bold, &body, &small, margin, 217, 13.5);
    canvas_left(s->c, &label, x, 201, s->l->from);
    double y = canvas_lines(s->c, &body, x, 217, 13.5, s->s->address.lines);
    canvas_left(s->c, &small, x, y + 1, sheet_phone(s, text));
    canvas_left(s->c, &small, x, y + 13, s->s->email);
    for (int i = 0; i < 2; i++)
        canvas_left(s->c, &small, x, y + 25 + 12 * i, sheet_registration(s, i, text));
}

static void modern_totals(struct sheet *s, double right, double y)
{
    const struct type label = {FONT_SANS, 9.5, INK}, grand = {FONT_SANS_BOLD, 12.5, WHITE};
    const struct type head = {FONT_SANS_BOLD, 8, s->s->colour}, small = {FONT_SANS, 8.5, GREY};
    struct total_row rows[TOTAL_ROWS_MAX];
    char text[SHEET_TEXT_MAX];
    double from = right - 240, top = y;
    int n = sheet_totals(s, rows);
    y += 22;
    for (int i = 0; i < n - 1; i++, y += 16) {
        canvas_fit(s->c, &label, from + 10, y, 150, rows[i].label);
        canvas_right(s->c, &label, right - 8, y, rows[i].amount);
    }
    canvas_box(s->c, s->s->colour, from, y - 5, right - from, 30);
    canvas_left(s->c, &grand, from + 10, y + 14.5, rows[n - 1].label);
    canvas_right(s->c, &grand, right - 8, y + 14.5, rows[n - 1].amount);
    canvas_left(s->c, &head, margin, top + 22, s->l->payment);
    canvas_fit(s->c, &small, margin, top + 37, from - margin - 12, sheet_terms(s, text));
    y = sheet_stacked(s, &small, margin, top + 51, from - margin - 12, 12, s->v->bank.text);
    canvas_left(s->c, &small, margin, y + 8, s->l->thanks);
}

void sheet_modern(struct sheet *s)
{
    const struct type foot = {FONT_SANS, 7.5, GREY};
    double right = s->c->width - margin;
    char text[SHEET_TEXT_MAX];
    const struct table_look look = {
        .left = margin,
        .right = right,
        .amount = 82,
        .rate = 46,
        .price = 68,
        .quantity = 66,
        .code = 62,
        .head = {FONT_SANS_BOLD, 8.5, WHITE},
        .body = {FONT_SANS, 9, INK},
        .small = {FONT_SANS, 8, GREY},
        .head_filled = true,
        .zebra = true,
        .fill = s->s->colour,
        .stripe = colour_tint(s->s->colour, 0.94),
        .rule = RULE,
    };
    modern_head(s, right);
    if (s->page == 0) {
        modern_cards(s, right);
        modern_parties(s);
    }
    double y = sheet_table(s, &look);
    if (s->last)
        modern_totals(s, right, y);
    canvas_line(s->c, RULE, 0.5, margin, s->c->height - 44, right, s->c->height - 44);
    canvas_left(s->c, &foot, margin, s->c->height - 30, sheet_address_line(s, text));
    canvas_right(s->c, &foot, right, s->c->height - 30, sheet_page_label(s, text));
}

static const double side = 168, body_left = 194;

static void sidebar_column(struct sheet *s)
{
    const unsigned pale = colour_tint(s->s->colour, 0.62);
    const struct type initials = {FONT_SANS_BOLD, 22, s->s->colour};
    const struct type name = {FONT_SANS_BOLD, 13, WHITE}, label = {FONT_SANS_BOLD, 7.5, pale};
    const struct type body = {FONT_SANS, 8.5, WHITE}, small = {FONT_SANS, 8, pale};
    double x = 28, w = side - x - 16, y;
    char text[SHEET_TEXT_MAX];
    canvas_box(s->c, s->s->colour, 0, 0, side, s->c->height);
    canvas_disc(s->c, WHITE, x + 26, 74, 26);
    canvas_centre(s->c, &initials, x + 26, 82, s->s->initials);
    canvas_fit(s->c, &name, x, 130, w, s->s->name);
    sheet_stacked(s, &small, x, 145, w, 11, s->s->slogan);
    canvas_left(s->c, &label, x, 208, s->l->from);
    y = canvas_lines(s->c, &body, x, 222, 12.5, s->s->address.lines);
    canvas_fit(s->c, &body, x, y + 6, w, sheet_phone(s, text));
    canvas_fit(s->c, &body, x, y + 18.5, w, s->s->email);
    y += 37;
    for (int i = 0; i < 2; i++, y += 12.5)
        canvas_fit(s->c, &body, x, y, w, sheet_registration(s, i, text));
    canvas_left(s->c, &label, x, y + 16, s->l->payment);
    sheet_stacked(s, &body, x, y + 30, w, 12.5, s->v->bank.text);
    canvas_left(s->c, &small, x, s->c->height - 36, sheet_page_label(s, text));
}

static void sidebar_head(struct sheet *s, double right)
{
    const struct type title = {FONT_SANS_BOLD, 26, s->s->colour}, label = {FONT_SANS, 8, GREY};
    const struct type value = {FONT_SANS_BOLD, 9.5, INK}, body = {FONT_SANS, 9.5, INK};
    const struct type bold = {FONT_SANS_BOLD, 10.5, INK}, number = {FONT_SANS, 11, GREY};
    struct fact facts[FACTS_MAX];
    if (s->page) {
        canvas_left(s->c, &bold, body_left + 6, 62, s->l->invoice);
        canvas_right(s->c, &number, right, 62, s->v->number);
        return;
    }
    canvas_left(s->c, &title, body_left + 6, 82, s->l->invoice);
    canvas_right(s->c, &number, right, 82, s->v->number);
    canvas_line(s->c, s->s->colour, 1.4, body_left + 6, 98, right, 98);
    int n = sheet_facts(s, facts);
    for (int i = 1; i < n; i++) {
        double x = body_left + 6 + (i - 1) * 88.0;
        canvas_fit(s->c, &label, x, 120, 84, facts[i].label);
        canvas_fit(s->c, &value, x, 134, 82, facts[i].value);
    }
    canvas_left(s->c, &label, body_left + 6, 176, s->l->bill_to);
    sheet_customer(s, &bold, &body, &label, body_left + 6, 192, 13.5);
    canvas_left(s->c, &body, body_left + 6, 272, s->l->intro);
}

static void sidebar_totals(struct sheet *s, double right, double y)
{
    const struct type label = {FONT_SANS, 9.5, INK};
    const struct type grand = {FONT_SANS_BOLD, 13, s->s->colour}, small = {FONT_SANS, 8.5, GREY};
    struct total_row rows[TOTAL_ROWS_MAX];
    char text[SHEET_TEXT_MAX];
    double from = right - 220;
    int n = sheet_totals(s, rows);
    y += 20;
    for (int i = 0; i < n; i++, y += 16) {
        bool last = i == n - 1;
        if (last) {
            canvas_box(s->c, colour_tint(s->s->colour, 0.88), from, y - 6, right - from, 28);
            y += 12;
        }
        canvas_fit(s->c, last ? &grand : &label, from + 8, y, last ? 100 : 140, rows[i].label);
        canvas_right(s->c, last ? &grand : &label, right - 6, y, rows[i].amount);
    }
    canvas_left(s->c, &small, body_left + 6, y + 22, sheet_terms(s, text));
    canvas_left(s->c, &small, body_left + 6, y + 35, s->l->thanks);
}

void sheet_sidebar(struct sheet *s)
{
    double right = s->c->width - 34;
    const struct table_look look = {
        .left = body_left,
        .right = right,
        .amount = 64,
        .rate = 36,
        .price = 52,
        .quantity = 54,
        .head = {FONT_SANS_BOLD, 8, s->s->colour},
        .body = {FONT_SANS, 9, INK},
        .small = {FONT_SANS, 7.5, GREY},
        .rules = true,
        .rule = RULE,
    };
    sidebar_column(s);
    sidebar_head(s, right);
    double y = sheet_table(s, &look);
    if (s->last)
        sidebar_totals(s, right, y);
}
