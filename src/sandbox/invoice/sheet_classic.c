/* Two letters of the old school: "classic", a business letter with an address window, a block of
 * facts and a foot in three columns; and "minimal", set in a serif with much white
 * and thin rules. */
#include "sandbox/invoice/sheet.h"

#include <stdio.h>

static const double left = 56, right_margin = 52;

static void classic_first_head(struct sheet *s, double right)
{
    const struct type name = {FONT_SANS_BOLD, 17, s->s->colour}, slogan = {FONT_SANS, 8.5, GREY};
    const struct type initials = {FONT_SANS_BOLD, 15, WHITE}, sender = {FONT_SANS, 6.5, GREY};
    const struct type bold = {FONT_SANS_BOLD, 10.5, INK}, body = {FONT_SANS, 10, INK};
    const struct type label = {FONT_SANS, 9, GREY}, value = {FONT_SANS, 9, INK};
    const struct type strong = {FONT_SANS_BOLD, 9, INK}, title = {FONT_SANS_BOLD, 16, INK};
    char text[SHEET_TEXT_MAX];
    struct fact facts[FACTS_MAX];
    canvas_left(s->c, &name, left, 58, s->s->name);
    canvas_left(s->c, &slogan, left, 74, s->s->slogan);
    canvas_disc(s->c, s->s->colour, right - 21, 60, 21);
    canvas_centre(s->c, &initials, right - 21, 65.5, s->s->initials);
    canvas_line(s->c, s->s->colour, 1.2, left, 94, right, 94);
    double w = canvas_left(s->c, &sender, left, 124, sheet_address_line(s, text));
    canvas_line(s->c, RULE, 0.5, left, 127, left + w, 127);
    sheet_customer(s, &bold, &body, &label, left, 146, 14.5);
    int n = sheet_facts(s, facts);
    for (int i = 0; i < n; i++) {
        canvas_left(s->c, &label, right - 180, 146 + 15.5 * i, facts[i].label);
        canvas_right(s->c, i ? &value : &strong, right, 146 + 15.5 * i, facts[i].value);
    }
    snprintf(text, sizeof text, "%s %s", s->l->invoice, s->v->number);
    canvas_left(s->c, &title, left, 262, text);
    canvas_left(s->c, &value, left, 283, s->l->intro);
}

static void classic_next_head(struct sheet *s, double right)
{
    const struct type name = {FONT_SANS_BOLD, 11, s->s->colour}, body = {FONT_SANS, 9, GREY};
    char text[SHEET_TEXT_MAX];
    canvas_left(s->c, &name, left, 58, s->s->name);
    snprintf(text, sizeof text, "%s %s", s->l->invoice, s->v->number);
    canvas_right(s->c, &body, right, 58, text);
    canvas_line(s->c, s->s->colour, 1.2, left, 68, right, 68);
}

static void classic_foot(struct sheet *s, double right)
{
    const struct type body = {FONT_SANS, 7, GREY}, bold = {FONT_SANS_BOLD, 7, GREY};
    double y = s->c->height - 62, column = (right - left) / 3;
    char text[SHEET_TEXT_MAX];
    canvas_line(s->c, RULE, 0.6, left, y - 14, right, y - 14);
    canvas_left(s->c, &bold, left, y, s->s->name);
    canvas_lines(s->c, &body, left, y + 10, 10, s->s->address.lines);
    canvas_left(s->c, &body, left + column, y, sheet_phone(s, text));
    canvas_left(s->c, &body, left + column, y + 10, s->s->email);
    for (int i = 0; i < 2; i++)
        canvas_left(s->c, &body, left + column, y + 20 + 10 * i, sheet_registration(s, i, text));
    sheet_stacked(s, &body, left + 2 * column, y, column, 10, s->v->bank.text);
    canvas_right(s->c, &body, right, y + 30, sheet_page_label(s, text));
}

static void classic_totals(struct sheet *s, double right, double y)
{
    const struct type label = {FONT_SANS, 9.5, INK}, grand = {FONT_SANS_BOLD, 11, INK};
    struct total_row rows[TOTAL_ROWS_MAX];
    char text[SHEET_TEXT_MAX];
    double from = right - 236;
    int n = sheet_totals(s, rows);
    y += 20;
    for (int i = 0; i < n; i++, y += 16) {
        const struct type *t = i == n - 1 ? &grand : &label;
        if (i == n - 1) {
            canvas_line(s->c, s->s->colour, 1, from, y - 10, right, y - 10);
            y += 5;
        }
        canvas_fit(s->c, t, from + 4, y, 150, rows[i].label);
        canvas_right(s->c, t, right - 6, y, rows[i].amount);
    }
    canvas_line(s->c, s->s->colour, 0.5, from, y - 9, right, y - 9);
    canvas_line(s->c, s->s->colour, 0.5, from, y - 7, right, y - 7);
    canvas_left(s->c, &label, left, y + 16, sheet_terms(s, text));
    canvas_left(s->c, &label, left, y + 30, s->l->thanks);
}

void sheet_classic(struct sheet *s)
{
    double right = s->c->width - right_margin;
    const struct table_look look = {
        .left = left,
        .right = right,
        .amount = 76,
        .rate = 44,
        .price = 64,
        .quantity = 62,
        .code = 64,
        .head = {FONT_SANS_BOLD, 8.5, INK},
        .body = {FONT_SANS, 9, INK},
        .small = {FONT_SANS, 8, GREY},
        .head_filled = true,
        .rules = true,
        .fill = colour_tint(s->s->colour, 0.86),
        .rule = RULE,
    };
    if (s->page == 0)
        classic_first_head(s, right);
    else
        classic_next_head(s, right);
    double y = sheet_table(s, &look);
    if (s->last)
        classic_totals(s, right, y);
    classic_foot(s, right);
}

static void minimal_head(struct sheet *s, double right)
{
    const struct type name = {FONT_SERIF_BOLD, 20, INK}, slogan = {FONT_SERIF_ITALIC, 10.5, GREY};
    const struct type title = {FONT_SERIF_ITALIC, 27, s->s->colour};
    const struct type label = {FONT_SERIF_ITALIC, 10, GREY}, body = {FONT_SERIF, 10.5, INK};
    const struct type bold = {FONT_SERIF_BOLD, 11, INK};
    double middle = s->c->width / 2;
    struct fact facts[FACTS_MAX];
    canvas_centre(s->c, &name, middle, s->page ? 58 : 68, s->s->name);
    canvas_line(s->c, s->s->colour, 1, middle - 24, s->page ? 70 : 96, middle + 24,
                s->page ? 70 : 96);
    if (s->page)
        return;
    canvas_centre(s->c, &slogan, middle, 85, s->s->slogan);
    canvas_left(s->c, &title, left, 150, s->l->invoice);
    canvas_left(s->c, &label, left, 192, s->l->bill_to);
    sheet_customer(s, &bold, &body, &label, left, 208, 14.5);
    int n = sheet_facts(s, facts);
    for (int i = 0; i < n; i++) {
        canvas_left(s->c, &label, right - 190, 192 + 17 * i, facts[i].label);
        canvas_right(s->c, i ? &body : &bold, right, 192 + 17 * i, facts[i].value);
        canvas_line(s->c, RULE, 0.4, right - 190, 197 + 17 * i, right, 197 + 17 * i);
    }
}

static void minimal_totals(struct sheet *s, double right, double y)
{
    const struct type label = {FONT_SERIF, 10.5, INK}, small = {FONT_SERIF_ITALIC, 10, GREY};
    const struct type grand = {FONT_SERIF_BOLD, 15, s->s->colour};
    struct total_row rows[TOTAL_ROWS_MAX];
    char text[SHEET_TEXT_MAX];
    int n = sheet_totals(s, rows);
    y += 24;
    for (int i = 0; i < n; i++, y += 17) {
        bool last = i == n - 1;
        y += last ? 9 : 0;
        canvas_right(s->c, last ? &grand : &label, right - 120, y, rows[i].label);
        canvas_right(s->c, last ? &grand : &label, right - 6, y, rows[i].amount);
    }
    canvas_left(s->c, &small, left, y + 16, sheet_terms(s, text));
    canvas_left(s->c, &small, left, y + 31, s->l->thanks);
}

static void minimal_foot(struct sheet *s)
{
    const struct type body = {FONT_SERIF, 8.5, GREY};
    double middle = s->c->width / 2, y = s->c->height - 54;
    char text[SHEET_TEXT_MAX], first[SHEET_TEXT_MAX], second[SHEET_TEXT_MAX], line[768];
    canvas_centre(s->c, &body, middle, y, sheet_address_line(s, text));
    sheet_registration(s, 1, second);
    snprintf(line, sizeof line, "%s · %s · %s%s%s", sheet_phone(s, text), s->s->email,
             sheet_registration(s, 0, first), second[0] ? " · " : "", second);
    canvas_centre(s->c, &body, middle, y + 11.5, line);
    snprintf(line, sizeof line, "%s · %s", s->v->bank.text, sheet_page_label(s, text));
    canvas_centre(s->c, &body, middle, y + 23, line);
}

void sheet_minimal(struct sheet *s)
{
    double right = s->c->width - right_margin;
    const struct table_look look = {
        .left = left - 6,
        .right = right,
        .amount = 78,
        .rate = 46,
        .price = 66,
        .quantity = 62,
        .code = 62,
        .head = {FONT_SERIF_ITALIC, 10, GREY},
        .body = {FONT_SERIF, 10.5, INK},
        .small = {FONT_SERIF, 9, GREY},
        .rules = true,
        .rule = 0xb8bcc4,
    };
    minimal_head(s, right);
    double y = sheet_table(s, &look);
    if (s->last)
        minimal_totals(s, right, y);
    minimal_foot(s);
}
