/* See model.h. */
#include "sandbox/invoice/model.h"

#include "sandbox/invoice/money.h"

bool invoice_is_receipt(const struct invoice *v)
{
    return v->supplier->layout == LAYOUT_RECEIPT;
}

void invoice_sum_up(struct invoice *v)
{
    const struct supplier *s = v->supplier;
    int64_t bases[TAXES_MAX] = {0};
    v->net = v->tax = 0;
    v->tax_count = 0;
    for (int i = 0; i < v->item_count; i++) {
        v->net += v->items[i].total;
        bases[v->items[i].product->tax] += v->items[i].total;
    }
    for (int i = 0; i < TAXES_MAX; i++) {
        int64_t base = s->taxes_stacked ? v->net : bases[i];
        if (!s->taxes[i].name || base == 0)
            continue;
        v->taxes[v->tax_count++] = (struct invoice_tax){
            .name = s->taxes[i].name,
            .rate_e5 = s->taxes[i].rate_e5,
            .base = base,
            .amount = money_tax(base, s->taxes[i].rate_e5),
        };
        v->tax += v->taxes[v->tax_count - 1].amount;
    }
    v->total = v->net + v->tax;
}
