/* What is said of an invoice beside its values: where each is printed, how sure its reading is, and
 * the accounts, which are real by their check digits. */
#include "sandbox/invoice/draft.h"
#include "sandbox/invoice/layout.h"
#include "sandbox/invoice/places.h"
#include "sandbox/invoice/sheet.h"
#include "sandbox/invoice/truth.h"
#include "test.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A canvas that shows nothing; each character is 0.6 of its size wide. */

static void no_page(struct canvas *c)
{
    (void)c;
}

static void no_text(struct canvas *c, enum font font, double size, unsigned colour, double x,
                    double y, const char *text)
{
    (void)c, (void)font, (void)size, (void)colour, (void)x, (void)y, (void)text;
}

static double blank_width(struct canvas *c, enum font font, double size, const char *text)
{
    (void)c, (void)font;
    size_t glyphs = 0;
    for (; *text; text++)
        glyphs += ((unsigned char)*text & 0xc0) != 0x80;
    return (double)glyphs * size * 0.6;
}

static void no_box(struct canvas *c, unsigned colour, double x, double y, double w, double h)
{
    (void)c, (void)colour, (void)x, (void)y, (void)w, (void)h;
}

static void no_line(struct canvas *c, unsigned colour, double width, double x1, double y1,
                    double x2, double y2)
{
    (void)c, (void)colour, (void)width, (void)x1, (void)y1, (void)x2, (void)y2;
}

static void no_disc(struct canvas *c, unsigned colour, double x, double y, double radius)
{
    (void)c, (void)colour, (void)x, (void)y, (void)radius;
}

static struct point blank_where(struct canvas *c, double x, double y)
{
    return (struct point){x / c->width, y / c->height};
}

static const struct canvas_ops blank_ops = {no_page, no_text, blank_width, no_box,
                                            no_line, no_disc, blank_where};

/* Where it is printed. */

static void assert_place(const struct place *at, const struct invoice *v, const char *what)
{
    if (!at->printed)
        fail_msg("%s %s: %s has no place", v->supplier->name, v->number, what);
    assert_in_range(at->page, 0, v->pages - 1);
    assert_true(at->corners[0].x < at->corners[1].x && at->corners[0].y < at->corners[3].y);
}

static void check_item_places(const struct invoice *v, const struct invoice_places *p, int i)
{
    const struct item_places *at = &p->items[i];
    assert_place(&at->description, v, "a description");
    assert_place(&at->quantity, v, "a quantity");
    assert_place(&at->unit, v, "a unit");
    assert_place(&at->price, v, "a price");
    assert_place(&at->total, v, "a line's amount");
    if (invoice_is_receipt(v))
        return;
    assert_place(&at->code, v, "a code");
    if (!v->supplier->taxes_stacked)
        assert_place(&at->rate, v, "a line's rate");
    if (i > 0 && p->items[i - 1].total.page == at->total.page)
        assert_true(p->items[i - 1].total.corners[0].y < at->total.corners[0].y);
}

static void check_party_places(const struct invoice *v, const struct invoice_places *p)
{
    const struct address_places *a = &p->supplier, *c = &p->customer;
    assert_place(&p->supplier_name, v, "the supplier");
    assert_place(&p->phone, v, "the phone");
    assert_place(&a->number, v, "the supplier's house number");
    assert_place(&a->street, v, "the supplier's street");
    assert_place(&a->postal_code, v, "the supplier's postal code");
    assert_place(&a->city, v, "the supplier's city");
    assert_true(a->state.printed == (v->supplier->address.state != NULL));
    for (int i = 0; i < 2; i++)
        assert_true(p->registrations[i].printed == (v->supplier->registrations[i] != NULL));
    assert_true(p->iban.printed == (*v->bank.iban != '\0'));
    assert_true(p->account.printed == (*v->bank.account != '\0'));
    if (v->customer == NULL)
        return;
    assert_place(&p->customer_name, v, "the customer");
    assert_place(&c->city, v, "the customer's city");
    assert_place(&c->lines[0], v, "the customer's street");
    assert_place(&p->due, v, "the due date");
    assert_true(p->customer_tax_id.printed == (v->customer->tax_id != NULL));
}

static void every_value_has_its_place(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    struct invoice_places *p = xcalloc(1, sizeof *p);
    for (int i = 0; i < 600; i++) {
        struct prints prints;
        invoice_draft(v, 41, i);
        struct page_size size = layout_page_size(v);
        struct canvas blank = {&blank_ops, size.width, size.height};
        prints_init(&prints, &blank);
        layout_draw(v, &prints.canvas);
        invoice_places_find(v, &prints, p);
        check_party_places(v, p);
        assert_place(&p->number, v, "the number");
        assert_place(&p->date, v, "the date");
        assert_place(&p->net, v, "the net");
        assert_place(&p->total, v, "the total");
        assert_true(p->total.page == v->pages - 1 && p->net.corners[0].y < p->total.corners[0].y);
        for (int k = 0; k < v->tax_count; k++) {
            assert_place(&p->taxes[k].amount, v, "a tax");
            assert_place(&p->taxes[k].rate, v, "a rate");
            assert_true(p->taxes[k].base.printed != v->supplier->taxes_stacked);
        }
        for (int k = 0; k < v->item_count; k++)
            check_item_places(v, p, k);
        prints_release(&prints);
    }
    free(p);
    free(v);
}

static void words_are_found_whole(void **state)
{
    (void)state;
    assert_int_equal(words_find("Hauptstraße 12", 0, "12"), 13);
    assert_int_equal(words_find("120 Weg 12", 0, "12"), 8);
    assert_int_equal(words_find("112, 12", 0, "12"), 5);
    assert_int_equal(words_find("12", 1, "12"), -1);
    assert_int_equal(words_find("", 3, "12"), -1);
    assert_int_equal(words_find("12", 0, ""), -1);
}

/* Each text's box begins where the text does, on paper that lies turned and small in a corner. */
static struct point turned_where(struct canvas *c, double x, double y)
{
    (void)c;
    return (struct point){0.5 - y / 2000, 0.25 + x / 1000};
}

static void places_follow_the_paper(void **state)
{
    (void)state;
    struct canvas_ops ops = blank_ops;
    struct prints prints;
    const struct type t = {FONT_MONO, 10, INK};
    ops.where = turned_where;
    struct canvas turned = {&ops, 500, 500};
    prints_init(&prints, &turned);
    canvas_page(&prints.canvas);
    canvas_left(&prints.canvas, &t, 100, 200, "Nr. 12345");
    size_t at = 0;
    assert_int_equal(prints_within(&prints, 0, "12345", &at), 0);
    struct place p = prints_place(&prints, 0, at, 5);
    assert_true(p.printed && p.page == 0 && at == 4);
    /* from 124 to 154 across, from 192.4 down to 202.2 */
    assert_true(fabs(p.corners[0].x - (0.5 - 192.4 / 2000)) < 1e-9);
    assert_true(fabs(p.corners[0].y - (0.25 + 124.0 / 1000)) < 1e-9);
    assert_true(fabs(p.corners[2].x - (0.5 - 202.2 / 2000)) < 1e-9);
    assert_true(fabs(p.corners[2].y - (0.25 + 154.0 / 1000)) < 1e-9);
    assert_false(prints_place(&prints, -1, 0, 0).printed);
    p = prints_paper(&prints); /* half of it is off the page's left edge: cut there */
    assert_true(fabs(p.corners[1].y - 0.75) < 1e-9 && fabs(p.corners[2].x - 0.25) < 1e-9);
    prints_release(&prints);
}

/* Confidences. */

struct confidences {
    int all, certain, key, key_medium, medium;
};

static void count_confidence(const cJSON *field, bool key, struct confidences *c)
{
    const cJSON *level = cJSON_GetObjectItemCaseSensitive(field, "confidence");
    if (!cJSON_IsString(level))
        return;
    bool medium = strcmp(level->valuestring, "Medium") == 0;
    c->all++;
    c->certain += strcmp(level->valuestring, "Certain") == 0;
    c->medium += medium;
    c->key += key;
    c->key_medium += key && medium;
}

static void count_confidences(const struct invoice *v, struct confidences *c)
{
    static const char *const keys[] = {"supplier_name", "invoice_number", "receipt_number", "date",
                                       "total_net",     "total_tax",      "total_amount"};
    struct buffer json;
    struct page_size size = layout_page_size(v);
    struct canvas blank = {&blank_ops, size.width, size.height};
    buffer_init(&json, 0);
    invoice_draw_truth(v, &blank, &json);
    cJSON *root = cJSON_Parse(buffer_text(&json));
    const cJSON *field, *fields = cJSON_GetObjectItemCaseSensitive(root, "fields");
    cJSON_ArrayForEach(field, fields)
    {
        bool key = false;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            key = key || strcmp(field->string, keys[i]) == 0;
        count_confidence(field, key, c);
    }
    cJSON_Delete(root);
    buffer_release(&json);
}

static void nearly_all_is_certain(void **state)
{
    (void)state;
    struct invoice *v = xcalloc(1, sizeof *v);
    struct confidences usual = {0}, sure = {0}, one = {0};
    for (int i = 0; i < 400; i++) {
        invoice_draft(v, 7, i);
        count_confidences(v, &usual);
        v->sure = true;
        count_confidences(v, &sure);
        v->unsure = "total_amount";
        count_confidences(v, &one);
    }
    assert_true(usual.certain > usual.all * 4 / 5);
    assert_in_range(usual.key_medium, usual.key / 100, usual.key / 25); /* some per cent */
    assert_int_equal(sure.key_medium, 0);
    assert_true(sure.medium > 0); /* elsewhere still */
    assert_int_equal(one.key_medium, 400);
    free(v);
}

static unsigned remainder_97(const char *iban)
{
    char turned[256];
    unsigned n = 0;
    snprintf(turned, sizeof turned, "%s%.4s", iban + 4, iban);
    for (const char *p = turned; *p; p++) {
        if (*p >= '0' && *p <= '9')
            n = (n * 10 + (unsigned)(*p - '0')) % 97;
        else if (*p != ' ')
            n = (n * 100 + (unsigned)(*p - 'A' + 10)) % 97;
    }
    return n;
}

static void accounts_are_read_and_ibans_are_valid(void **state)
{
    (void)state;
    int ibans = 0;
    struct bank b;
    for (int i = 0; i < supplier_count; i++) {
        bank_read(suppliers[i].bank, &b);
        assert_true(*b.iban || *b.account);
        ibans += *b.iban != '\0';
        for (unsigned n = 0; *b.iban && n < 12; n++) {
            char former[BANK_PART_MAX];
            assert_int_equal(remainder_97(b.iban), 1);
            assert_non_null(strstr(b.text, b.iban));
            strcpy(former, b.iban);
            bank_change_iban(&b, n);
            assert_string_not_equal(b.iban, former);
            assert_int_equal(strlen(b.iban), strlen(former));
        }
    }
    assert_int_equal(ibans, 8);
    bank_read("Sort code 20-45-77 · Account 40318826", &b);
    assert_string_equal(b.routing, "20-45-77");
    assert_string_equal(b.account, "40318826");
    assert_string_equal(b.iban, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_has_its_place),
        cmocka_unit_test(words_are_found_whole),
        cmocka_unit_test(places_follow_the_paper),
        cmocka_unit_test(nearly_all_is_certain),
        cmocka_unit_test(accounts_are_read_and_ibans_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
