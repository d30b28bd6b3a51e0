/* Drawing up a document. Each has a stream of random numbers of its own, made from the seed and its
 * index, so that it doesn't depend on how many others there are; its running number is its index,
 * so that no two have the same. The kinds go round in a fixed cycle of 20 and the suppliers in
 * shuffled rounds, so that a small set is as mixed as a large one. */
#include "sandbox/invoice/draft.h"
#include "base/random.h"
#include "base/text.h"
#include "sandbox/invoice/layout.h"

#include <stdio.h>
#include <string.h>

enum { CYCLE = 20, ROUND_MAX = 64 };

enum kind { KIND_SHORT, KIND_TWO_PAGES, KIND_THREE_PAGES, KIND_SCAN, KIND_PNG_RECEIPT, KIND_PHOTO };

static enum kind kind_of(int index)
{
    switch (index % CYCLE) {
    case 2:
        return KIND_PHOTO;
    case 5:
        return KIND_TWO_PAGES;
    case 8:
        return KIND_PNG_RECEIPT;
    case 12:
        return KIND_SCAN;
    case 15:
        return index / CYCLE % 2 ? KIND_TWO_PAGES : KIND_THREE_PAGES;
    default:
        return KIND_SHORT;
    }
}

static uint64_t mixed_seed(uint64_t seed, uint64_t purpose, int index)
{
    return (seed * 0x9e3779b97f4a7c15u + purpose) * 0xd1342543de82ef95u + (uint64_t)index;
}

/* Which of COUNT it is the turn of: each once a round, in another order every round. */
static int turn_of(uint64_t seed, uint64_t purpose, int index, int count)
{
    int order[ROUND_MAX] = {0};
    struct random r;
    REQUIRE(count <= ROUND_MAX);
    random_init(&r, mixed_seed(seed, purpose, index / count));
    for (int i = 0; i < count; i++) {
        int j = (int)random_below(&r, (uint64_t)i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    return order[index % count];
}

static int between(struct random *r, int low, int high)
{
    return low + (int)random_below(r, (uint64_t)(high - low) + 1);
}

static const struct customer *pick_customer(struct random *r, const struct supplier *s)
{
    const struct customer *found[8];
    size_t n = 0;
    for (int i = 0; i < customer_count; i++)
        if (n < 8 && strcmp(customers[i].address.country, s->address.country) == 0)
            found[n++] = &customers[i];
    return n ? found[random_below(r, n)] : &customers[random_below(r, (uint64_t)customer_count)];
}

static int64_t pick_quantity(struct random *r, enum product_kind kind, bool retail)
{
    if (retail)
        return kind == PRODUCT_WEIGHT ? 2 * (int64_t)between(r, 100, 2000)
                                      : 1000 * (int64_t)between(r, 1, 6);
    switch (kind) {
    case PRODUCT_HOURS:
        return 250 * (int64_t)between(r, 2, 32);
    case PRODUCT_WEIGHT:
        return 5 * (int64_t)between(r, 60, 3600);
    case PRODUCT_PIECES:
        break;
    }
    return 1000 * (int64_t)(random_below(r, 4) ? between(r, 1, 12) : between(r, 13, 60));
}

/* A product in one of its variants, which differ in price too. */
static void fill_item(struct invoice_item *item, const struct product *p, const char *variant,
                      int variant_index, struct random *r, bool retail)
{
    item->product = p;
    item->unit_price = p->price;
    if (variant) {
        snprintf(item->code, sizeof item->code, "%s-%d", p->code, variant_index + 1);
        item->unit_price = (p->price * (100 + 6 * variant_index) / 100 + 4) / 5 * 5;
    } else {
        text_copy(item->code, sizeof item->code, p->code);
    }
    label_fill(item->description, sizeof item->description, p->description, variant, NULL);
    item->quantity_milli = pick_quantity(r, p->kind, retail);
    item->total = money_line_total(item->quantity_milli, item->unit_price);
}

static void pick_items(struct invoice *v, struct random *r, int count)
{
    const struct supplier *s = v->supplier;
    struct {
        int product, variant;
    } choices[PRODUCTS_MAX * VARIANTS], swap;
    int n = 0;
    for (int p = 0; p < PRODUCTS_MAX && s->products[p].code; p++) {
        int variants = strchr(s->products[p].description, '*') ? VARIANTS : 1;
        for (int i = 0; i < variants; i++, n++) {
            choices[n].product = p;
            choices[n].variant = i;
        }
    }
    REQUIRE(n > 0 && count <= INVOICE_ITEMS_MAX);
    v->item_count = count;
    for (int i = 0; i < count; i++) {
        int at = i % n; /* all of them once before any of them twice */
        int j = at + (int)random_below(r, (uint64_t)(n - at));
        swap = choices[at];
        choices[at] = choices[j];
        choices[j] = swap;
        const struct product *p = &s->products[choices[at].product];
        bool varies = strchr(p->description, '*') != NULL;
        fill_item(&v->items[i], p, varies ? s->variants[choices[at].variant] : NULL,
                  choices[at].variant, r, invoice_is_receipt(v));
    }
}

static int pick_item_count(const struct invoice *v, enum kind kind, struct random *r)
{
    if (invoice_is_receipt(v))
        return between(r, 2, 6);
    struct layout_capacity c = layout_capacity_of(v->supplier->layout, v->supplier->letter_paper);
    int one_page = c.first - c.reserve;
    if (kind == KIND_TWO_PAGES)
        return between(r, c.first + 1, c.first + c.next - c.reserve);
    if (kind == KIND_THREE_PAGES)
        return between(r, c.first + c.next + 1, c.first + 2 * c.next - c.reserve);
    return between(r, 1, one_page < 12 ? one_page : 12);
}

static void pick_references(struct invoice *v, struct random *r)
{
    if (invoice_is_receipt(v) || random_below(r, 6) == 0)
        return;
    snprintf(v->references[v->reference_count++], sizeof v->references[0], "PO-45%05d",
             between(r, 1000, 99999));
    if (random_below(r, 3) == 0)
        snprintf(v->references[v->reference_count++], sizeof v->references[0], "LS-%06d",
                 between(r, 100000, 999999));
}

struct date invoice_last_date(void)
{
    return (struct date){2026, 8, 31};
}

void invoice_draft(struct invoice *v, uint64_t seed, int index)
{
    invoice_draft_of(v, seed, index, &suppliers[turn_of(seed, 3, index, supplier_count)]);
}

void invoice_draft_of(struct invoice *v, uint64_t seed, int index, const struct supplier *seller)
{
    struct random r;
    enum kind kind = kind_of(index);
    bool receipt = kind == KIND_PHOTO || kind == KIND_PNG_RECEIPT;
    memset(v, 0, sizeof *v);
    random_init(&r, mixed_seed(seed, 1, index));
    v->supplier = receipt
                      ? &merchants[turn_of(seed, 2, index / CYCLE * 2 + (kind == KIND_PNG_RECEIPT),
                                           merchant_count)]
                      : seller;
    const struct supplier *s = v->supplier;
    v->customer = receipt ? NULL : pick_customer(&r, s);
    bool png = kind == KIND_PNG_RECEIPT || (kind == KIND_SCAN && index / CYCLE % 2);
    v->medium = png                                       ? MEDIUM_PNG
                : kind == KIND_PHOTO || kind == KIND_SCAN ? MEDIUM_JPEG
                                                          : MEDIUM_PDF;
    v->look = (unsigned)random_u64(&r);
    snprintf(v->number, sizeof v->number, "%s%0*d", s->number_prefix, s->number_width,
             s->number_first + index);
    /* mostly August, the rest June and July: a month's end with late comers */
    struct date first = {2026, random_below(&r, 10) < 7 ? 8 : between(&r, 6, 7), 1};
    v->date = date_add_days(first, between(&r, 0, first.month == 6 ? 29 : 30));
    v->due = receipt ? v->date : date_add_days(v->date, s->terms_days);
    pick_references(v, &r);
    pick_items(v, &r, pick_item_count(v, kind, &r));
    invoice_sum_up(v);
    v->pages = layout_pages(v);
    bank_read(s->bank, &v->bank);
    v->reading = random_u64(&r);
}
