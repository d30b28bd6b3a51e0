/* See sheet.h. Columns are laid out from the right: amounts are what has to line up, the
 * description takes what is left and is set smaller where it is too long. */
#include "sandbox/invoice/sheet.h"
#include "base/require.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const double pad = 6;

struct columns {
    double code, description, quantity, price, rate,
        amount; /* left edges; the others' right ones */
    double description_width;
    bool with_rate;
};

static struct columns lay_out(const struct sheet *s, const struct table_look *look)
{
    struct columns k = {.with_rate = !s->s->taxes_stacked};
    double quantity_left;
    k.amount = look->right - pad;
    k.rate = look->right - look->amount;
    k.price = k.with_rate ? k.rate - look->rate : k.rate;
    k.quantity = k.price - look->price;
    quantity_left = k.quantity - look->quantity;
    k.code = look->left + pad;
    k.description = k.code + look->code;
    k.description_width = quantity_left - k.description - 4;
    return k;
}

static void draw_head(struct sheet *s, const struct table_look *look, const struct columns *k)
{
    const struct labels *l = s->l;
    double y = s->table_y, base = y + s->header_height / 2 + look->head.size * 0.36;
    if (look->head_filled)
        canvas_box(s->c, look->fill, look->left, y, look->right - look->left, s->header_height);
    if (look->code > 0)
        canvas_fit(s->c, &look->head, k->code, base, look->code - 6, l->item);
    canvas_left(s->c, &look->head, k->description, base, l->description);
    canvas_fit_right(s->c, &look->head, k->quantity, base, look->quantity - 4, l->quantity);
    canvas_fit_right(s->c, &look->head, k->price, base, look->price - 4, l->unit_price);
    if (k->with_rate)
        canvas_fit_right(s->c, &look->head, k->rate, base, look->rate - 4, l->rate);
    canvas_fit_right(s->c, &look->head, k->amount, base, look->amount - pad - 4, l->amount);
    if (!look->head_filled)
        canvas_line(s->c, look->rule, 0.9, look->left, y + s->header_height, look->right,
                    y + s->header_height);
}

static void draw_row(struct sheet *s, const struct table_look *look, const struct columns *k,
                     const struct invoice_item *item, double y)
{
    const struct money_style *m = s->s->money;
    double base = y + s->row_height / 2 + look->body.size * 0.36;
    char quantity[SHEET_TEXT_MAX], number[MONEY_TEXT_MAX];
    if (look->code > 0) {
        canvas_fit(s->c, &look->small, k->code, base, look->code - 6, item->code);
        canvas_fit(s->c, &look->body, k->description, base, k->description_width,
                   item->description);
    } else {
        canvas_fit(s->c, &look->body, k->description, base - 4.5, k->description_width,
                   item->description);
        canvas_left(s->c, &look->small, k->description, base + 5, item->code);
    }
    snprintf(quantity, sizeof quantity, "%s %s", quantity_show(m, item->quantity_milli, number),
             item->product->unit);
    canvas_fit_right(s->c, &look->body, k->quantity, base, look->quantity - 4, quantity);
    canvas_fit_right(s->c, &look->body, k->price, base, look->price - 4,
                     money_show_bare(m, item->unit_price, number));
    if (k->with_rate)
        canvas_fit_right(s->c, &look->body, k->rate, base, look->rate - 4,
                         rate_show(m, s->s->taxes[item->product->tax].rate_e5, number));
    canvas_fit_right(s->c, &look->body, k->amount, base, look->amount - pad - 4,
                     money_show_bare(m, item->total, number));
}

static void draw_grid(struct sheet *s, const struct table_look *look, const struct columns *k,
                      double bottom)
{
    const double gap = 3;
    double edges[] = {k->description - gap, k->quantity - look->quantity + gap, k->quantity + gap,
                      k->price + gap, k->rate + gap};
    for (size_t i = look->code > 0 ? 0 : 1; i < sizeof edges / sizeof edges[0]; i++)
        canvas_line(s->c, look->rule, 0.6, edges[i], s->table_y, edges[i], bottom);
    canvas_line(s->c, look->rule, 0.6, look->left, s->table_y + s->header_height, look->right,
                s->table_y + s->header_height);
    canvas_frame(s->c, look->rule, 0.6, look->left, s->table_y, look->right - look->left,
                 bottom - s->table_y);
}

double sheet_table(struct sheet *s, const struct table_look *look)
{
    struct columns k = lay_out(s, look);
    double y = s->table_y + s->header_height;
    draw_head(s, look, &k);
    for (int i = 0; i < s->lines; i++, y += s->row_height) {
        if (look->zebra && i % 2)
            canvas_box(s->c, look->stripe, look->left, y, look->right - look->left, s->row_height);
        draw_row(s, look, &k, &s->v->items[s->start + i], y);
        if (look->rules)
            canvas_line(s->c, look->rule, 0.4, look->left, y + s->row_height, look->right,
                        y + s->row_height);
    }
    if (look->grid)
        draw_grid(s, look, &k, y);
    return y;
}

int sheet_totals(const struct sheet *s, struct total_row rows[TOTAL_ROWS_MAX])
{
    const struct money_style *m = s->s->money;
    char rate[MONEY_TEXT_MAX], base[MONEY_TEXT_MAX];
    int n = 0;
    text_copy(rows[n].label, sizeof rows[n].label, s->l->net);
    money_show(m, s->v->net, rows[n++].amount);
    for (int i = 0; i < s->v->tax_count; i++, n++) {
        const struct invoice_tax *t = &s->v->taxes[i];
        rate_show(m, t->rate_e5, rate);
        if (s->s->taxes_stacked) /* both on the net above */
            snprintf(rows[n].label, sizeof rows[n].label, "%s %s", t->name, rate);
        else
            snprintf(rows[n].label, sizeof rows[n].label, "%s %s %s %s", t->name, rate,
                     s->l->tax_on, money_show_bare(m, t->base, base));
        money_show(m, t->amount, rows[n].amount);
    }
    text_copy(rows[n].label, sizeof rows[n].label, s->l->total);
    money_show(m, s->v->total, rows[n++].amount);
    return n;
}

int sheet_facts(const struct sheet *s, struct fact facts[FACTS_MAX])
{
    int n = 0;
    facts[n].label = s->l->number;
    text_copy(facts[n++].value, sizeof facts[0].value, s->v->number);
    facts[n].label = s->l->date;
    date_show(s->s->date_style, s->v->date, facts[n++].value);
    facts[n].label = s->l->due;
    date_show(s->s->date_style, s->v->due, facts[n++].value);
    for (int i = 0; i < s->v->reference_count; i++) {
        facts[n].label = i ? s->l->delivery_note : s->l->order;
        text_copy(facts[n++].value, sizeof facts[0].value, s->v->references[i]);
    }
    return n;
}

const char *sheet_page_label(const struct sheet *s, char out[SHEET_TEXT_MAX])
{
    char page[16], pages[16];
    snprintf(page, sizeof page, "%d", s->page + 1);
    snprintf(pages, sizeof pages, "%d", s->pages);
    return label_fill(out, SHEET_TEXT_MAX, s->l->page, page, pages);
}

const char *sheet_terms(const struct sheet *s, char out[SHEET_TEXT_MAX])
{
    char due[DATE_TEXT_MAX];
    return label_fill(out, SHEET_TEXT_MAX, s->l->terms, date_show(s->s->date_style, s->v->due, due),
                      NULL);
}

const char *sheet_address_line(const struct sheet *s, char out[SHEET_TEXT_MAX])
{
    const char *lines = s->s->address.lines;
    int first = (int)strcspn(lines, "\n");
    REQUIRE(lines[first] == '\n');
    snprintf(out, SHEET_TEXT_MAX, "%s · %.*s · %s", s->s->name, first, lines, lines + first + 1);
    return out;
}

const char *sheet_registration(const struct sheet *s, int i, char out[SHEET_TEXT_MAX])
{
    out[0] = '\0';
    if (s->s->registrations[i])
        snprintf(out, SHEET_TEXT_MAX, "%s %s", s->s->registration_labels[i],
                 s->s->registrations[i]);
    return out;
}

const char *sheet_phone(const struct sheet *s, char out[SHEET_TEXT_MAX])
{
    snprintf(out, SHEET_TEXT_MAX, "%s %s", s->l->phone, s->s->phone);
    return out;
}

double sheet_customer(struct sheet *s, const struct type *name, const struct type *body,
                      const struct type *small, double x, double y, double leading)
{
    const struct customer *who = s->v->customer;
    char text[SHEET_TEXT_MAX];
    canvas_left(s->c, name, x, y, who->name);
    y = canvas_lines(s->c, body, x, y + leading, leading, who->address.lines);
    if (!who->tax_id)
        return y;
    snprintf(text, sizeof text, "%s: %s", s->l->customer_vat, who->tax_id);
    canvas_left(s->c, small, x, y + 2, text);
    return y + leading;
}

double sheet_stacked(struct sheet *s, const struct type *t, double x, double y, double width,
                     double leading, const char *text)
{
    static const char parting[] = " · ";
    while (*text) {
        const char *stop = strstr(text, parting);
        size_t n = stop ? (size_t)(stop - text) : strlen(text);
        char part[SHEET_TEXT_MAX];
        snprintf(part, sizeof part, "%.*s", (int)n, text);
        canvas_fit(s->c, t, x, y, width, part);
        y += leading;
        text += n + (stop ? sizeof parting - 1 : 0);
    }
    return y;
}
