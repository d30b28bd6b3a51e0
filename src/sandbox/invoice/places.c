/* A value is found as a reader finds it: by its text, and by what stands around it. The lines follow
 * each other, an amount stands behind its label, a part of an address within the address. What the
 * sheets draw comes in the order of their code, which is what the searches go by: a line's numbers
 * come behind its description, the totals' amounts right behind their labels. */
#include "sandbox/invoice/places.h"

#include "sandbox/invoice/sheet.h"

#include <stdio.h>
#include <string.h>

/* TEXT's first appearance, as a print of its own or within one. */
static struct place find(const struct prints *p, int from, const char *text)
{
    size_t at = 0;
    if (text == NULL || !*text)
        return (struct place){.printed = false};
    int i = prints_exact(p, from, text);
    if (i < 0)
        i = prints_within(p, from, text, &at);
    return prints_place(p, i, at, strlen(text));
}

static struct place find_in_lines(const struct prints *p, const int prints[ADDRESS_LINES],
                                  const size_t at[ADDRESS_LINES], char lines[][SHEET_TEXT_MAX],
                                  const char *text)
{
    for (int k = 0; text != NULL && k < ADDRESS_LINES; k++) {
        int byte = words_find(lines[k], 0, text);
        if (byte >= 0)
            return prints_place(p, prints[k], at[k] + (size_t)byte, strlen(text));
    }
    return (struct place){.printed = false};
}

static void find_address(const struct prints *p, int from, const struct address *a,
                         struct address_places *out)
{
    char lines[ADDRESS_LINES][SHEET_TEXT_MAX];
    int prints[ADDRESS_LINES];
    size_t at[ADDRESS_LINES] = {0}, first = strcspn(a->lines, "\n");
    snprintf(lines[0], sizeof lines[0], "%.*s", (int)first, a->lines);
    snprintf(lines[1], sizeof lines[1], "%s", a->lines + first + 1);
    for (int k = 0; k < ADDRESS_LINES; k++) {
        prints[k] = prints_within(p, k == 0 ? from : prints[0], lines[k], &at[k]);
        out->lines[k] = prints_place(p, prints[k], at[k], strlen(lines[k]));
    }
    if (prints[0] < 0 || prints[1] < 0)
        return;
    out->street = find_in_lines(p, prints, at, lines, a->street);
    out->number = find_in_lines(p, prints, at, lines, a->number);
    out->postal_code = find_in_lines(p, prints, at, lines, a->postal_code);
    out->city = find_in_lines(p, prints, at, lines, a->city);
    out->state = find_in_lines(p, prints, at, lines, a->state);
}

static void find_parties(const struct invoice *v, const struct prints *p,
                         struct invoice_places *out)
{
    const struct supplier *s = v->supplier;
    out->supplier_name = find(p, 0, s->name);
    find_address(p, 0, &s->address, &out->supplier);
    out->phone = find(p, 0, s->phone);
    for (int i = 0; i < 2; i++)
        out->registrations[i] = find(p, 0, s->registrations[i]);
    out->iban = find(p, 0, v->bank.iban);
    out->bic = find(p, 0, v->bank.bic);
    out->account = find(p, 0, v->bank.account);
    out->routing = find(p, 0, v->bank.routing);
    if (v->customer == NULL)
        return;
    int from = prints_exact(p, 0, v->customer->name);
    out->customer_name = prints_whole(p, from);
    find_address(p, from, &v->customer->address, &out->customer);
    out->customer_tax_id = find(p, from, v->customer->tax_id);
}

static void find_facts(const struct invoice *v, const struct prints *p, struct invoice_places *out)
{
    char text[DATE_TEXT_MAX];
    out->number = find(p, 0, v->number);
    out->date = find(p, 0, date_show(v->supplier->date_style, v->date, text));
    if (!invoice_is_receipt(v))
        out->due = find(p, 0, date_show(v->supplier->date_style, v->due, text));
    for (int i = 0; i < v->reference_count; i++)
        out->references[i] = find(p, 0, v->references[i]);
}

/* ---- the lines; each returns the print after them ---- */

static int find_receipt_item(const struct invoice *v, const struct invoice_item *item,
                             const struct prints *p, int from, struct item_places *out)
{
    const struct money_style *m = v->supplier->money;
    char text[MONEY_TEXT_MAX];
    int i = prints_exact(p, from, item->description);
    if (i < 1 || i + 1 >= p->count)
        return from;
    out->description = prints_whole(p, i);
    /* "12,34 A" before it, "2 St x 6,17" below it */
    out->total = prints_place(p, i - 1, 0, strlen(money_show_bare(m, item->total, text)));
    size_t quantity = strlen(quantity_show(m, item->quantity_milli, text));
    size_t price = strlen(money_show_bare(m, item->unit_price, text));
    size_t all = strlen(p->all[i + 1].text);
    out->quantity = prints_place(p, i + 1, 0, quantity);
    out->unit = prints_place(p, i + 1, quantity + 1, strlen(item->product->unit));
    out->price = prints_place(p, i + 1, all - price, price);
    return i + 2;
}

static int find_item(const struct invoice *v, const struct invoice_item *item,
                     const struct prints *p, int from, struct item_places *out)
{
    const struct money_style *m = v->supplier->money;
    char text[MONEY_TEXT_MAX], quantity[SHEET_TEXT_MAX];
    int i = prints_exact(p, from, item->description);
    if (i < 1 || i + 1 >= p->count)
        return from;
    out->description = prints_whole(p, i);
    if (strcmp(p->all[i - 1].text, item->code) == 0)
        out->code = prints_whole(p, i - 1);
    else if (strcmp(p->all[i + 1].text, item->code) == 0)
        out->code = prints_whole(p, ++i);
    quantity_show(m, item->quantity_milli, text);
    snprintf(quantity, sizeof quantity, "%s %s", text, item->product->unit);
    if ((i = prints_exact(p, i + 1, quantity)) < 0)
        return from;
    out->quantity = prints_place(p, i, 0, strlen(text));
    out->unit = prints_place(p, i, strlen(text) + 1, strlen(item->product->unit));
    i = prints_exact(p, i + 1, money_show_bare(m, item->unit_price, text));
    out->price = prints_whole(p, i);
    if (!v->supplier->taxes_stacked) {
        int64_t rate = v->supplier->taxes[item->product->tax].rate_e5;
        i = prints_exact(p, i + 1, rate_show(m, rate, text));
        out->rate = prints_whole(p, i);
    }
    i = prints_exact(p, i + 1, money_show_bare(m, item->total, text));
    out->total = prints_whole(p, i);
    return i + 1;
}

/* ---- the totals ---- */

/* The amount behind LABEL, or behind anything if that is NULL. */
static int find_amount(const struct prints *p, int from, const char *label, const char *amount)
{
    int i = from;
    while ((i = prints_exact(p, i + 1, amount)) >= 1)
        if (label == NULL || strstr(p->all[i - 1].text, label) != NULL)
            return i;
    return -1;
}

static void find_totals(const struct invoice *v, const struct prints *p, int from,
                        struct invoice_places *out)
{
    const struct money_style *m = v->supplier->money;
    const struct sheet s = {.v = v, .s = v->supplier, .l = labels_of(v->supplier->language)};
    struct total_row rows[TOTAL_ROWS_MAX];
    char text[MONEY_TEXT_MAX];
    int n = sheet_totals(&s, rows), i = find_amount(p, from - 1, rows[0].label, rows[0].amount);
    out->net = prints_whole(p, i);
    for (int k = 0; k < v->tax_count && i >= 0; k++) {
        struct tax_places *tax = &out->taxes[k];
        i = find_amount(p, i, rows[k + 1].label, rows[k + 1].amount);
        tax->amount = prints_whole(p, i);
        if (i < 1)
            return;
        const char *label = p->all[i - 1].text;
        int at = words_find(label, 0, rate_show(m, v->taxes[k].rate_e5, text));
        if (at >= 0)
            tax->rate = prints_place(p, i - 1, (size_t)at, strlen(text));
        size_t behind = at < 0 ? 0 : (size_t)at + strlen(text);
        int base = words_find(label, behind, money_show_bare(m, v->taxes[k].base, text));
        if (base >= 0)
            tax->base = prints_place(p, i - 1, (size_t)base, strlen(text));
    }
    if (i >= 0)
        out->total = prints_whole(p, find_amount(p, i, NULL, rows[n - 1].amount));
}

void invoice_places_find(const struct invoice *v, const struct prints *p,
                         struct invoice_places *out)
{
    int from = 0;
    memset(out, 0, sizeof *out);
    out->paper = prints_paper(p);
    find_parties(v, p, out);
    find_facts(v, p, out);
    for (int i = 0; i < v->item_count; i++)
        from = invoice_is_receipt(v) ? find_receipt_item(v, &v->items[i], p, from, &out->items[i])
                                     : find_item(v, &v->items[i], p, from, &out->items[i]);
    find_totals(v, p, from, out);
}
