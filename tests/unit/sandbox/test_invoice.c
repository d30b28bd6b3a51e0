/* An invoice before it is a file: sums right to the cent, the mix as documented, everything
 * embedded also printed, nothing printed off the page. */
#include "base/buffer.h"
#include "sandbox/invoice/canvas.h"
#include "sandbox/invoice/draft.h"
#include "sandbox/invoice/layout.h"
#include "sandbox/invoice/render.h"
#include "sandbox/invoice/truth.h"
#include "test.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Money. */

static void lines_and_taxes_round_half_up(void **state)
{
    (void)state;
    assert_int_equal(money_line_total(3000, 1999), 5997);
    assert_int_equal(money_line_total(500, 1), 1);  /* 0.5 up */
    assert_int_equal(money_line_total(499, 1), 0);  /* 0.499 down */
    assert_int_equal(money_line_total(1500, 5), 8); /* 7.5 up */
    assert_int_equal(money_line_total(2606, 159), 414);
    assert_int_equal(money_tax(52850, 19000), 10042); /* 100.415 */
    assert_int_equal(money_tax(50, 19000), 10);       /* 9.5 up */
    assert_int_equal(money_tax(20000, 9975), 1995);
    assert_int_equal(money_tax(514485, 10000), 51449); /* yen: 51448.5 up */
    assert_int_equal(money_tax(123456, 0), 0);
}

static void amounts_are_written_exactly(void **state)
{
    (void)state;
    char out[MONEY_TEXT_MAX];
    assert_string_equal(scaled_json(123450, 2, out), "1234.5");
    assert_string_equal(scaled_json(5, 2, out), "0.05");
    assert_string_equal(scaled_json(0, 2, out), "0.0");
    assert_string_equal(scaled_json(514485, 0, out), "514485.0");
    assert_string_equal(scaled_json(19000, 5, out), "0.19");
    assert_string_equal(scaled_json(9975, 5, out), "0.09975");
    assert_string_equal(scaled_json(0, 5, out), "0.0");
    assert_string_equal(scaled_json(2606, 3, out), "2.606");
    assert_string_equal(scaled_json(12000, 3, out), "12.0");
    assert_string_equal(scaled_json(188130, 2, out), "1881.3");
    assert_string_equal(scaled_json(19500, 2, out), "195.0");
    assert_string_equal(scaled_json(999999999999, 2, out), "9999999999.99");
    assert_string_equal(money_show(&money_eur_de, 123456789, out), "1.234.567,89 €");
    assert_string_equal(money_show(&money_chf, 547232, out), "CHF 5’472.32");
    assert_string_equal(money_show(&money_jpy, 565934, out), "¥565,934");
    assert_string_equal(money_show(&money_usd, 99, out), "$0.99");
    assert_string_equal(quantity_show(&money_eur_es, 15050, out), "15,05");
    assert_string_equal(rate_show(&money_cad_fr, 9975, out), "9,975 %");
    assert_string_equal(rate_show(&money_usd, 8250, out), "8.25 %");
}

static void dates_are_real_and_written_as_each_country_does(void **state)
{
    (void)state;
    char out[DATE_TEXT_MAX];
    struct date d = date_add_days((struct date){2026, 8, 31}, 60);
    assert_string_equal(date_show(DATE_ISO, d, out), "2026-10-30");
    d = date_add_days((struct date){2028, 2, 28}, 1);
    assert_string_equal(date_show(DATE_DOTS, d, out), "29.02.2028");
    assert_string_equal(date_show(DATE_SLASHES, d, out), "29/02/2028");
    assert_string_equal(date_show(DATE_DASHES, d, out), "29-02-2028");
    assert_string_equal(date_show(DATE_GB, d, out), "29 February 2028");
    assert_string_equal(date_show(DATE_US, d, out), "February 29, 2028");
}

/* What is drawn up. */

static void sums_agree_on_every_document(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    for (int i = 0; i < 3000; i++) {
        int64_t net = 0, tax = 0, taxed = 0;
        invoice_draft(v, 11, i);
        assert_in_range(v->item_count, 1, INVOICE_ITEMS_MAX);
        for (int k = 0; k < v->item_count; k++) {
            const struct invoice_item *item = &v->items[k];
            assert_true(item->quantity_milli > 0 && item->unit_price > 0);
            /* half up: the total is off by less than half a cent, or by half a cent upwards */
            int64_t off = 1000 * item->total - item->quantity_milli * item->unit_price;
            assert_true(off > -500 && off <= 500);
            net += item->total;
        }
        assert_in_range(v->tax_count, 1, TAXES_MAX);
        for (int k = 0; k < v->tax_count; k++) {
            int64_t off = 100000 * v->taxes[k].amount - v->taxes[k].base * v->taxes[k].rate_e5;
            assert_true(off > -50000 && off <= 50000);
            tax += v->taxes[k].amount;
            taxed += v->taxes[k].base;
        }
        assert_int_equal(v->net, net);
        assert_int_equal(v->tax, tax);
        assert_int_equal(v->total, net + tax);
        assert_int_equal(taxed, v->supplier->taxes_stacked ? 2 * net : net);
    }
    free(v);
}

static void the_mix_is_as_documented(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    int media[3] = {0}, pages[4] = {0}, two_rates = 0, references = 0, receipts = 0;
    bool languages[LANGUAGE_COUNT] = {false}, layouts[LAYOUT_COUNT] = {false};
    for (int i = 0; i < 1000; i++) {
        invoice_draft(v, 3, i);
        media[v->medium]++;
        assert_in_range(v->pages, 1, 3);
        pages[v->pages]++;
        languages[v->supplier->language] = layouts[v->supplier->layout] = true;
        two_rates += v->tax_count == 2;
        references += v->reference_count > 0;
        receipts += invoice_is_receipt(v);
        if (v->medium != MEDIUM_PDF)
            assert_int_equal(v->pages, 1);
    }
    assert_int_equal(media[MEDIUM_PDF], 850);
    assert_int_equal(media[MEDIUM_PNG], 75);
    assert_int_equal(media[MEDIUM_JPEG], 75);
    assert_int_equal(pages[2], 75);
    assert_int_equal(pages[3], 25);
    assert_int_equal(receipts, 100);
    assert_true(two_rates > 300 && two_rates < 900);
    assert_true(references > 600);
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        assert_true(languages[i]);
    for (int i = 0; i < LAYOUT_COUNT; i++)
        assert_true(layouts[i]);
    free(v);
}

static void the_first_dozen_are_a_dozen_suppliers(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    const char *currencies[64];
    int different = 0;
    for (int i = 0; i < supplier_count; i++) {
        invoice_draft(v, 5, i);
        bool known = false;
        for (int k = 0; k < different; k++)
            known = known || strcmp(currencies[k], v->supplier->money->code) == 0;
        if (!known)
            currencies[different++] = v->supplier->money->code;
    }
    assert_true(different >= 5);
    free(v);
}

static void check_text(const char *text)
{
    char out[512];
    if (!pdf_text_encode(text, out, sizeof out))
        fail_msg("not in Windows-1252: %s", text);
    assert_true(out[0] != '\0');
}

static void check_lines(const char *lines)
{
    char copy[256];
    assert_true(strlen(lines) < sizeof copy && strchr(lines, '\n') != NULL);
    strcpy(copy, lines);
    for (char *rest = copy, *line; (line = strsep(&rest, "\n")) != NULL;)
        check_text(line);
}

/* Each part of an address that is embedded stands in the lines that are printed. */
static void check_address(const struct address *a)
{
    check_lines(a->lines);
    assert_non_null(strstr(a->lines, a->street));
    assert_non_null(strstr(a->lines, a->number));
    assert_non_null(strstr(a->lines, a->postal_code));
    assert_non_null(strstr(a->lines, a->city));
    assert_true(a->state == NULL || strstr(a->lines, a->state) != NULL);
    assert_int_equal(strlen(a->country), 2);
}

static void check_supplier(const struct supplier *s)
{
    check_address(&s->address);
    check_text(s->name);
    check_text(s->slogan);
    check_text(s->phone);
    check_text(s->money->prefix[0] ? s->money->prefix : s->money->suffix);
    assert_non_null(s->category);
    assert_non_null(s->products[0].code);
    for (int i = 0; i < PRODUCTS_MAX && s->products[i].code; i++) {
        const struct product *p = &s->products[i];
        check_text(p->description);
        check_text(p->unit);
        assert_true(p->price > 0);
        assert_non_null(s->taxes[p->tax].name);
        if (strchr(p->description, '*'))
            for (int k = 0; k < VARIANTS; k++)
                check_text(s->variants[k]);
    }
    if (s->layout == LAYOUT_RECEIPT)
        return;
    check_text(s->bank);
    check_text(s->email);
    check_text(s->initials);
    check_text(s->registrations[0]);
    check_text(s->registration_labels[0]);
    assert_true(s->terms_days > 0);
}

static void tables_are_whole(void **state)
{
    (void)state;
    for (int i = 0; i < supplier_count; i++)
        check_supplier(&suppliers[i]);
    for (int i = 0; i < merchant_count; i++)
        check_supplier(&merchants[i]);
    for (int i = 0; i < customer_count; i++) {
        check_text(customers[i].name);
        check_address(&customers[i].address);
    }
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        const struct labels *l = labels_of((enum language)i);
        const char *const *text = &l->code; /* all members but the months are texts in a row */
        for (size_t k = 0; k < offsetof(struct labels, months) / sizeof *text; k++)
            check_text(text[k]);
    }
}

/* What is printed, seen by a canvas that only takes notes. */

enum { WHITE_PAPER = 0xffffff, PLACES_MAX = 600 };

struct notes {
    struct canvas canvas; /* first */
    struct buffer texts;  /* each with a newline behind it */
    int pages;
    double smallest; /* type size */
    struct spot {
        double left, right, top, bottom;
    } places[PLACES_MAX]; /* the texts of this page */
    int place_count;
};

static double note_width(struct canvas *c, enum font font, double size, const char *text)
{
    (void)c;
    size_t glyphs = 0;
    for (; *text; text++)
        glyphs += ((unsigned char)*text & 0xc0) != 0x80;
    return (double)glyphs * size * (font >= FONT_MONO ? 0.6 : 0.52);
}

static void note_box(struct canvas *c, unsigned colour, double x, double y, double w, double h)
{
    (void)colour;
    assert_true(x >= 0 && y >= 0 && w >= 0 && h >= 0);
    assert_true(x + w <= c->width + 0.01 && y + h <= c->height + 0.01);
}

/* Two texts may touch, not cover each other. */
static void note_place(struct notes *n, struct spot p, const char *text)
{
    assert_true(n->place_count < PLACES_MAX);
    for (int i = 0; i < n->place_count; i++) {
        const struct spot *q = &n->places[i];
        if (p.left + 1 < q->right && q->left + 1 < p.right && p.top + 0.5 < q->bottom &&
            q->top + 0.5 < p.bottom)
            fail_msg("\"%s\" at %.0f,%.0f covers another text", text, p.left, p.bottom);
    }
    n->places[n->place_count++] = p;
}

static void note_text(struct canvas *c, enum font font, double size, unsigned colour, double x,
                      double y, const char *text)
{
    struct notes *n = (struct notes *)(void *)c;
    double w = note_width(c, font, size, text);
    if (x < 5 || x + w > c->width - 5 || y - size < 0 || y + size / 3 > c->height)
        fail_msg("off the page: \"%s\" at %.0f,%.0f", text, x, y);
    assert_true(colour <= WHITE_PAPER);
    if (*text)
        note_place(n, (struct spot){x, x + w, y - 0.7 * size, y}, text);
    n->smallest = size < n->smallest ? size : n->smallest;
    buffer_printf(&n->texts, "%s\n", text);
}

static void note_line(struct canvas *c, unsigned colour, double width, double x1, double y1,
                      double x2, double y2)
{
    note_box(c, colour, x1 - width < 0 ? 0 : x1, y1, x2 - x1, y2 - y1);
}

static void note_disc(struct canvas *c, unsigned colour, double x, double y, double radius)
{
    note_box(c, colour, x - radius, y - radius, 2 * radius, 2 * radius);
}

static void note_page(struct canvas *c)
{
    struct notes *n = (struct notes *)(void *)c;
    n->pages++;
    n->place_count = 0;
}

static struct point note_where(struct canvas *c, double x, double y)
{
    return (struct point){x / c->width, y / c->height};
}

static const struct canvas_ops note_ops = {note_page, note_text, note_width, note_box,
                                           note_line, note_disc, note_where};

static void assert_printed(const struct notes *n, const char *text)
{
    if (!strstr(buffer_text(&n->texts), text))
        fail_msg("not printed: %s", text);
}

static void assert_totals_printed(const struct notes *n, const struct invoice *v)
{
    const struct money_style *m = v->supplier->money;
    char text[MONEY_TEXT_MAX];
    assert_printed(n, money_show(m, v->net, text));
    assert_printed(n, money_show(m, v->total, text));
    for (int i = 0; i < v->tax_count; i++) {
        assert_printed(n, money_show(m, v->taxes[i].amount, text));
        if (!v->supplier->taxes_stacked)
            assert_printed(n, money_show_bare(m, v->taxes[i].base, text));
        assert_printed(n, rate_show(m, v->taxes[i].rate_e5, text));
    }
}

static void assert_parties_printed(const struct notes *n, const struct invoice *v)
{
    const struct supplier *s = v->supplier;
    assert_printed(n, s->name);
    assert_printed(n, s->phone);
    assert_printed(n, s->address.street);
    assert_printed(n, s->address.city);
    for (int i = 0; i < 2; i++)
        if (s->registrations[i])
            assert_printed(n, s->registrations[i]);
    if (!v->customer)
        return;
    assert_printed(n, v->customer->name);
    assert_printed(n, v->customer->address.street);
    assert_printed(n, v->customer->address.postal_code);
    if (v->customer->tax_id)
        assert_printed(n, v->customer->tax_id);
}

static void what_is_embedded_is_printed_on_the_page(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    for (int i = 0; i < 600; i++) {
        struct notes n = {.smallest = 100};
        char text[MONEY_TEXT_MAX], date[DATE_TEXT_MAX];
        invoice_draft(v, 17, i);
        struct page_size size = layout_page_size(v);
        n.canvas = (struct canvas){&note_ops, size.width, size.height};
        buffer_init(&n.texts, 0);
        layout_draw(v, &n.canvas);
        assert_int_equal(n.pages, v->pages);
        assert_printed(&n, v->number);
        assert_printed(&n, date_show(v->supplier->date_style, v->date, date));
        if (v->customer)
            assert_printed(&n, date_show(v->supplier->date_style, v->due, date));
        for (int k = 0; k < v->reference_count; k++)
            assert_printed(&n, v->references[k]);
        for (int k = 0; k < v->item_count; k++) {
            assert_printed(&n, v->items[k].description);
            assert_printed(&n, money_show_bare(v->supplier->money, v->items[k].total, text));
            assert_printed(&n, money_show_bare(v->supplier->money, v->items[k].unit_price, text));
            if (v->customer)
                assert_printed(&n, v->items[k].code);
        }
        assert_totals_printed(&n, v);
        assert_parties_printed(&n, v);
        assert_true(n.smallest >= 5); /* nothing had to be shrunk out of sight */
        buffer_release(&n.texts);
    }
    free(v);
}

/* Every length on every paper: the places where a page ends are
 * where texts would run into each other. */
static void any_number_of_lines_fits_its_pages(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    struct notes *n = xcalloc(1, sizeof *n);
    int papers = 0;
    for (int i = 0; papers < supplier_count; i++) {
        invoice_draft(v, 29, i);
        int drawn = v->item_count;
        struct layout_capacity c;
        if (invoice_is_receipt(v) || v->supplier != &suppliers[papers])
            continue;
        papers++;
        c = layout_capacity_of(v->supplier->layout, v->supplier->letter_paper);
        for (int count = 1; count <= c.first + 2 * c.next - c.reserve; count++) {
            for (int k = drawn; k < count; k++)
                v->items[k] = v->items[k % drawn];
            v->item_count = count;
            invoice_sum_up(v);
            v->pages = layout_pages(v);
            assert_in_range(v->pages, 1, 3);
            n->canvas =
                (struct canvas){&note_ops, layout_page_size(v).width, layout_page_size(v).height};
            n->pages = 0;
            n->smallest = 100;
            buffer_clear(&n->texts);
            layout_draw(v, &n->canvas);
            assert_int_equal(n->pages, v->pages);
            assert_totals_printed(n, v);
            drawn = drawn > count ? drawn : count;
        }
    }
    buffer_release(&n->texts);
    free(n);
    free(v);
}

static void pages_fill_without_loss(void **state)
{
    (void)state;
    for (int style = 0; style < LAYOUT_RECEIPT; style++) {
        struct layout_capacity c = layout_capacity_of((enum layout_style)style, style % 2);
        assert_true(c.first > c.reserve + 4 && c.next > c.first);
        assert_true(c.first + 2 * c.next - c.reserve <= INVOICE_ITEMS_MAX);
        for (int count = 1; count <= INVOICE_ITEMS_MAX; count++) {
            bool last = false;
            int start = 0;
            for (int page = 0; !last; page++) {
                int lines = layout_lines_on_page(&c, page, start, count, &last);
                assert_in_range(lines, 1, page ? c.next : c.first);
                if (last)
                    assert_true(lines <= (page ? c.next : c.first) - c.reserve);
                start += lines;
            }
            assert_int_equal(start, count);
        }
    }
}

/* The embedded fields. */

static const cJSON *value_of(const cJSON *fields, const char *name)
{
    const cJSON *field = cJSON_GetObjectItemCaseSensitive(fields, name);
    assert_non_null(field);
    assert_int_equal(cJSON_GetArraySize(field), 3);
    assert_true(cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(field, "locations")));
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(field, "value");
    const cJSON *confidence = cJSON_GetObjectItemCaseSensitive(field, "confidence");
    assert_true(cJSON_IsNull(value) ? cJSON_IsNull(confidence) : cJSON_IsString(confidence));
    return value;
}

static int64_t minor_of(const cJSON *fields, const char *name, int decimals)
{
    const cJSON *value = value_of(fields, name);
    assert_true(cJSON_IsNumber(value));
    return llround(value->valuedouble * (decimals ? 100 : 1));
}

static const cJSON *items_of(const cJSON *fields, const char *name)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(fields, name);
    assert_int_equal(cJSON_GetArraySize(list), 2);
    assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(list, "confidence")));
    return cJSON_GetObjectItemCaseSensitive(list, "items");
}

/* Shorter names first, then by their bytes. */
static void check_order(const cJSON *fields)
{
    for (const cJSON *f = fields->child; f->next != NULL; f = f->next) {
        size_t n = strlen(f->string), m = strlen(f->next->string);
        assert_true(n < m || (n == m && strcmp(f->string, f->next->string) < 0));
    }
}

static void check_fields(const struct invoice *v, const char *json)
{
    int decimals = v->supplier->money->decimals;
    cJSON *root = cJSON_Parse(json);
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(root, "fields");
    int64_t net = 0, tax = 0;
    const cJSON *item;
    assert_non_null(fields);
    check_order(fields);
    cJSON_ArrayForEach(item, items_of(fields, "line_items"))
    {
        const cJSON *f = cJSON_GetObjectItemCaseSensitive(item, "fields");
        assert_int_equal(cJSON_GetArraySize(f), 8);
        net += minor_of(f, "total_price", decimals);
        assert_true(cJSON_IsString(value_of(f, "description")));
    }
    cJSON_ArrayForEach(item, items_of(fields, "taxes"))
    {
        tax += minor_of(cJSON_GetObjectItemCaseSensitive(item, "fields"), "amount", decimals);
    }
    assert_int_equal(net, minor_of(fields, "total_net", decimals));
    assert_int_equal(tax, minor_of(fields, "total_tax", decimals));
    assert_int_equal(net + tax, minor_of(fields, "total_amount", decimals));
    assert_string_equal(value_of(fields, "supplier_name")->valuestring, v->supplier->name);
    assert_true(cJSON_IsString(value_of(fields, "date")));
    bool receipt = invoice_is_receipt(v);
    assert_true(cJSON_IsNull(value_of(fields, receipt ? "invoice_number" : "receipt_number")));
    assert_string_equal(
        value_of(fields, receipt ? "receipt_number" : "invoice_number")->valuestring, v->number);
    assert_int_equal(cJSON_IsNull(value_of(fields, "due_date")), receipt);
    assert_int_equal(cJSON_GetArraySize(items_of(fields, "reference_numbers")), v->reference_count);
    const cJSON *address = cJSON_GetObjectItemCaseSensitive(fields, "customer_address");
    address = cJSON_GetObjectItemCaseSensitive(address, "fields");
    assert_int_equal(cJSON_GetArraySize(address), 9);
    assert_int_equal(cJSON_IsNull(value_of(address, "value")), receipt);
    cJSON_Delete(root);
}

/* As the invoice's file says them. */
static void put_truth(const struct invoice *v, struct buffer *json)
{
    struct page_size size = layout_page_size(v);
    struct notes *n = xcalloc(1, sizeof *n);
    n->canvas = (struct canvas){&note_ops, size.width, size.height};
    buffer_init(&n->texts, 0);
    invoice_draw_truth(v, &n->canvas, json);
    buffer_release(&n->texts);
    free(n);
}

static void fields_have_the_documented_shapes(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    struct buffer json;
    char total[MONEY_TEXT_MAX], wanted[96];
    buffer_init(&json, 0);
    for (int i = 0; i < 300; i++) {
        invoice_draft(v, 23, i);
        put_truth(v, &json);
        check_fields(v, buffer_text(&json));
        const char *at = strstr(buffer_text(&json), "\"total_amount\":");
        assert_non_null(at);
        snprintf(wanted, sizeof wanted, "\"value\":%s}",
                 scaled_json(v->total, v->supplier->money->decimals, total));
        at = strstr(at, "\"value\":"); /* as text: no double in between */
        assert_memory_equal(at, wanted, strlen(wanted));
    }
    buffer_release(&json);
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_taxes_round_half_up),
        cmocka_unit_test(amounts_are_written_exactly),
        cmocka_unit_test(dates_are_real_and_written_as_each_country_does),
        cmocka_unit_test(sums_agree_on_every_document),
        cmocka_unit_test(the_mix_is_as_documented),
        cmocka_unit_test(the_first_dozen_are_a_dozen_suppliers),
        cmocka_unit_test(tables_are_whole),
        cmocka_unit_test(what_is_embedded_is_printed_on_the_page),
        cmocka_unit_test(any_number_of_lines_fits_its_pages),
        cmocka_unit_test(pages_fill_without_loss),
        cmocka_unit_test(fields_have_the_documented_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
