/* Whose money, in which currency, to which account. Whether a bank account is new to its supplier is looked up by
 * who calls: here it is only said. */
#include "review/check_parts.h"

#include "review/iban.h"
#include "review/keys.h"
#include "review/vat_shape.h"

static void check_currency(const struct check *k)
{
    const struct invoice *v = k->invoice;
    if (invoice_lacks(v, ROLE_CURRENCY))
        findings_add(k->out, k->options, CHECK_CURRENCY_MISSING, check_field(k, ROLE_CURRENCY),
                     NULL, 0, "there is no currency");
    else if (invoice_gives(v, ROLE_CURRENCY) && !v->currency_known)
        findings_add(k->out, k->options, CHECK_CURRENCY_UNKNOWN, check_field(k, ROLE_CURRENCY),
                     NULL, 0, "%s is no currency's code",
                     check_value(&v->record->values[ROLE_CURRENCY].cell));
}

static void check_iban(const struct check *k)
{
    const struct cell *cell = &k->invoice->record->values[ROLE_IBAN].cell;
    char normal[IBAN_MAX], words[IBAN_FAULT_MAX];
    if (role_cell_empty(cell))
        return;
    iban_normal(cell->text, cell->len, normal);
    if (iban_check(normal, words) != IBAN_GOOD)
        findings_add(k->out, k->options, CHECK_IBAN_BAD, check_field(k, ROLE_IBAN), NULL, 0, "%s",
                     *normal ? words : "the bank account has neither letters nor digits");
    const struct circumstances *c = k->circumstances;
    if (*normal && c->accounts_known && !c->account_known)
        findings_add(k->out, k->options, CHECK_IBAN_NEW, check_field(k, ROLE_IBAN), NULL, 0,
                     c->account_doubted
                         ? "earlier documents of this supplier with the bank account "
                           "%s were rejected, or wait for a person"
                         : "no earlier document of this supplier has the bank "
                           "account %s",
                     normal);
}

static void check_vat(const struct check *k)
{
    const struct cell *cell = &k->invoice->record->values[ROLE_VAT].cell;
    char key[VAT_KEY_MAX];
    if (role_cell_empty(cell))
        return;
    key_vat(cell->text, cell->len, key);
    if (*key && !vat_shape_fits(key))
        findings_add(k->out, k->options, CHECK_VAT_SHAPE, check_field(k, ROLE_VAT), NULL, 0,
                     "%s hasn't the form of a VAT number of %.2s", check_value(cell), key);
}

void check_identity(const struct check *k)
{
    check_currency(k);
    check_iban(k);
    check_vat(k);
}
