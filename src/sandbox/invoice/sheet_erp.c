/* Printed by machines: "erp", a form of boxes filled by a line printer on striped paper; and the
 * receipt from a till, 80 mm wide and as long as it needs to be. */
#include "base/text.h"
#include "sandbox/invoice/sheet.h"

#include <stdio.h>
#include <string.h>

static const double margin = 40;

/* A box with a caption in its upper left corner. */
static void box(struct sheet *s, const char *caption, double x, double y, double w, double h)
{
    const struct type small = {FONT_SANS, 6.5, GREY};
    canvas_frame(s->c, s->s->colour, 0.8, x, y, w, h);
    canvas_left(s->c, &small, x + 5, y + 9, caption);
}

static void erp_fact_boxes(struct sheet *s, double right)
{
    const struct type value = {FONT_MONO_BOLD, 10, INK};
    struct fact facts[FACTS_MAX];
    int n = sheet_facts(s, facts);
    double w = (right - margin) / n;
    for (int i = 0; i < n; i++) {
        double x = margin + i * w;
        box(s, facts[i].label, x, 226, w, 34);
        canvas_fit(s->c, &value, x + 6, 250, w - 12, facts[i].value);
    }
}

static void erp_head(struct sheet *s, double right)
{
    const struct type name = {FONT_MONO_BOLD, 15, s->s->colour}, body = {FONT_MONO, 8.5, INK};
    const struct type title = {FONT_MONO_BOLD, 16, WHITE}, bold = {FONT_MONO_BOLD, 10, INK};
    const struct type page = {FONT_MONO, 9, INK}, mono = {FONT_MONO, 10, INK};
    char text[SHEET_TEXT_MAX], upper[SHEET_TEXT_MAX];
    double x = right - 190, y;
    canvas_left(s->c, &name, margin, 52, s->s->name);
    canvas_left(s->c, &body, margin, 65, s->s->slogan);
    y = canvas_lines(s->c, &body, margin, 80, 10.5, s->s->address.lines);
    canvas_left(s->c, &body, margin, y, sheet_phone(s, text));
    canvas_box(s->c, s->s->colour, x, 36, 190, 28);
    text_copy(upper, sizeof upper, s->l->invoice);
    for (char *p = upper; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    canvas_centre(s->c, &title, x + 95, 56, upper);
    canvas_frame(s->c, s->s->colour, 0.8, x, 36, 190, 66);
    canvas_left(s->c, &page, x + 8, 80, s->v->number);
    canvas_left(s->c, &page, x + 8, 94, sheet_page_label(s, text));
    if (s->page)
        return;
    double half = (right - margin) / 2 - 5;
    box(s, s->l->bill_to, margin, 134, half, 82);
    sheet_customer(s, &bold, &mono, &body, margin + 8, 158, 13.5);
    box(s, s->l->payment, margin + half + 10, 134, half, 82);
    y = sheet_stacked(s, &body, margin + half + 18, 158, half - 16, 12, s->v->bank.text);
    canvas_fit(s->c, &body, margin + half + 18, y, half - 16, s->s->email);
    for (int i = 0; i < 2; i++)
        canvas_fit(s->c, &body, margin + half + 18, y + 12 + 12 * i, half - 16,
                   sheet_registration(s, i, text));
    erp_fact_boxes(s, right);
}

static void erp_totals(struct sheet *s, double right, double y)
{
    const struct type label = {FONT_MONO, 9, INK}, grand = {FONT_MONO_BOLD, 11, INK};
    struct total_row rows[TOTAL_ROWS_MAX];
    char text[SHEET_TEXT_MAX];
    double from = right - 300;
    int n = sheet_totals(s, rows);
    y += 10;
    for (int i = 0; i < n; i++) {
        bool last = i == n - 1;
        double h = last ? 22 : 16;
        if (last)
            canvas_box(s->c, colour_tint(s->s->colour, 0.85), from, y, right - from, h);
        canvas_frame(s->c, s->s->colour, 0.6, from, y, right - from, h);
        canvas_fit(s->c, last ? &grand : &label, from + 6, y + h / 2 + 3.2, 186, rows[i].label);
        canvas_right(s->c, last ? &grand : &label, right - 6, y + h / 2 + 3.2, rows[i].amount);
        y += h;
    }
    canvas_fit(s->c, &label, margin, y + 18, right - margin, sheet_terms(s, text));
    canvas_left(s->c, &label, margin, y + 31, s->l->thanks);
}

void sheet_erp(struct sheet *s)
{
    const struct type foot = {FONT_MONO, 7, GREY};
    double right = s->c->width - margin;
    char text[SHEET_TEXT_MAX];
    const struct table_look look = {
        .left = margin,
        .right = right,
        .amount = 78,
        .rate = 44,
        .price = 66,
        .quantity = 70,
        .code = 68,
        .head = {FONT_MONO_BOLD, 8.5, WHITE},
        .body = {FONT_MONO, 8.5, INK},
        .small = {FONT_MONO, 8, INK},
        .head_filled = true,
        .zebra = true,
        .grid = true,
        .fill = s->s->colour,
        .stripe = colour_tint(s->s->colour, 0.9),
        .rule = s->s->colour,
    };
    erp_head(s, right);
    double y = sheet_table(s, &look);
    if (s->last)
        erp_totals(s, right, y);
    canvas_centre(s->c, &foot, s->c->width / 2, s->c->height - 34, sheet_address_line(s, text));
}

static const double till = 18; /* the receipt's margin */

static double dashes(struct sheet *s, double y)
{
    for (double x = till; x + 4 <= s->c->width - till; x += 6)
        canvas_line(s->c, INK, 0.7, x, y, x + 4, y);
    return y + 14;
}

/* Bars that look like a barcode: widths from the number's own characters. */
static void bars(struct sheet *s, double y)
{
    double x = s->c->width / 2 - 62;
    for (size_t i = 0; x < s->c->width / 2 + 60; i++) {
        unsigned n = (unsigned char)s->v->number[i % strlen(s->v->number)] + (unsigned)i * 7;
        double w = 0.8 + n % 3;
        canvas_box(s->c, INK, x, y, w, 26);
        x += w + 1 + n / 3 % 3;
    }
}

static double receipt_head(struct sheet *s)
{
    const struct type name = {FONT_MONO_BOLD, 13, INK}, body = {FONT_MONO, 8, INK};
    double middle = s->c->width / 2, y = 32;
    char text[SHEET_TEXT_MAX], date[DATE_TEXT_MAX];
    const char *lines = s->s->address.lines;
    canvas_centre(s->c, &name, middle, y, s->s->name);
    canvas_centre(s->c, &body, middle, y + 13, s->s->slogan);
    int first = (int)strcspn(lines, "\n");
    snprintf(text, sizeof text, "%.*s", first, lines);
    canvas_centre(s->c, &body, middle, y + 26, text);
    canvas_centre(s->c, &body, middle, y + 36, lines + first + 1);
    canvas_centre(s->c, &body, middle, y + 46, sheet_phone(s, text));
    canvas_centre(s->c, &body, middle, y + 56, sheet_registration(s, 0, text));
    y = dashes(s, y + 64);
    snprintf(text, sizeof text, "%s %s", s->l->receipt_number, s->v->number);
    canvas_left(s->c, &body, till, y, text);
    canvas_right(s->c, &body, s->c->width - till, y, date_show(s->s->date_style, s->v->date, date));
    return dashes(s, y + 8);
}

static double receipt_items(struct sheet *s, double y)
{
    const struct type body = {FONT_MONO, 8.5, INK}, small = {FONT_MONO, 7.5, GREY};
    const struct money_style *m = s->s->money;
    double right = s->c->width - till;
    char text[SHEET_TEXT_MAX], a[MONEY_TEXT_MAX], b[MONEY_TEXT_MAX];
    for (int i = 0; i < s->v->item_count; i++, y += 22) {
        const struct invoice_item *item = &s->v->items[i];
        snprintf(text, sizeof text, "%s %c", money_show_bare(m, item->total, a),
                 'A' + item->product->tax);
        double w = canvas_right(s->c, &body, right, y, text);
        canvas_fit(s->c, &body, till, y, right - till - w - 8, item->description);
        snprintf(text, sizeof text, "%s %s x %s", quantity_show(m, item->quantity_milli, a),
                 item->product->unit, money_show_bare(m, item->unit_price, b));
        canvas_left(s->c, &small, till + 10, y + 9.5, text);
    }
    return dashes(s, y - 4);
}

/* The letter that stands behind the lines taxed so. */
static char tax_letter(const struct sheet *s, const struct invoice_tax *tax)
{
    return tax->rate_e5 == s->s->taxes[0].rate_e5 ? 'A' : 'B';
}

static double receipt_totals(struct sheet *s, double y)
{
    const struct type body = {FONT_MONO, 8, INK}, grand = {FONT_MONO_BOLD, 13, INK};
    const struct money_style *m = s->s->money;
    double right = s->c->width - till;
    char text[SHEET_TEXT_MAX], a[MONEY_TEXT_MAX];
    struct total_row rows[TOTAL_ROWS_MAX];
    int n = sheet_totals(s, rows);
    for (int i = 0; i < n - 1; i++, y += 12) {
        if (i == 0)
            text_copy(text, sizeof text, rows[i].label);
        else
            snprintf(text, sizeof text, "%c %.95s", tax_letter(s, &s->v->taxes[i - 1]),
                     rows[i].label);
        canvas_fit(s->c, &body, till, y, right - till - 62, text);
        canvas_right(s->c, &body, right, y, rows[i].amount);
    }
    y += 8;
    canvas_left(s->c, &grand, till, y, s->l->sum);
    canvas_right(s->c, &grand, right, y, rows[n - 1].amount);
    canvas_left(s->c, &body, till, y + 15, s->l->paid_by_card);
    canvas_right(s->c, &body, right, y + 15, money_show_bare(m, s->v->total, a));
    return dashes(s, y + 23);
}

void sheet_receipt(struct sheet *s)
{
    const struct type body = {FONT_MONO, 8, INK};
    double y = receipt_head(s);
    y = receipt_items(s, y);
    y = receipt_totals(s, y);
    canvas_centre(s->c, &body, s->c->width / 2, y, s->l->thanks);
    bars(s, y + 10);
}
