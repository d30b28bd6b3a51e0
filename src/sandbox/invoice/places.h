/* places.h - where on its pages each value of an invoice is printed. */
#ifndef MB_SANDBOX_INVOICE_PLACES_H
#define MB_SANDBOX_INVOICE_PLACES_H

#include "sandbox/invoice/model.h"
#include "sandbox/invoice/prints.h"

enum { ADDRESS_LINES = 2 };

struct address_places {
    struct place number, street, postal_code, city, state;
    struct place lines[ADDRESS_LINES];
};

struct item_places {
    struct place code, description, quantity, unit, price, rate, total;
};

struct tax_places {
    struct place base, rate, amount;
};

struct invoice_places {
    struct place supplier_name, phone, registrations[2];
    struct place iban, bic, account, routing;
    struct address_places supplier, customer;
    struct place customer_name, customer_tax_id;
    struct place number, date, due, references[INVOICE_REFERENCES_MAX];
    struct place net, total;
    struct tax_places taxes[TAXES_MAX];
    struct item_places items[INVOICE_ITEMS_MAX];
    struct place paper;
};

/* V has been drawn onto P. A value that isn't on the paper has a place that isn't `printed`. */
void invoice_places_find(const struct invoice *v, const struct prints *p,
                         struct invoice_places *out);

#endif
