/* model.h - one invoice or receipt, and its sums. What is printed and what is embedded both come
 * from here, so they can't differ. */
#ifndef MB_SANDBOX_INVOICE_MODEL_H
#define MB_SANDBOX_INVOICE_MODEL_H

#include "base/buffer.h"
#include "sandbox/invoice/bank.h"
#include "sandbox/invoice/tables.h"

#include <stdint.h>

enum { INVOICE_ITEMS_MAX = 110, INVOICE_REFERENCES_MAX = 2, INVOICE_TEXT_MAX = 96 };

enum medium { MEDIUM_PDF, MEDIUM_PNG, MEDIUM_JPEG };

struct invoice_item {
    const struct product *product;
    char code[32];
    char description[INVOICE_TEXT_MAX];
    int64_t quantity_milli;
    int64_t unit_price, total; /* minor units, before tax */
};

struct invoice_tax {
    const char *name;
    int64_t rate_e5, base, amount; /* the base isn't printed where taxes are stacked */
};

struct invoice {
    const struct supplier *supplier;
    const struct customer *customer; /* NULL on a receipt */
    enum medium medium;
    int pages;
    unsigned look; /* small differences of paper, light and angle */
    char number[32];
    char references[INVOICE_REFERENCES_MAX][32]; /* an order, a delivery note */
    int reference_count;
    struct date date, due; /* a receipt has no due date */
    struct invoice_item items[INVOICE_ITEMS_MAX];
    int item_count;
    struct invoice_tax taxes[TAXES_MAX]; /* only those with something to tax */
    int tax_count;
    int64_t net, tax, total;
    struct bank bank;   /* as on this paper */
    uint64_t reading;   /* what confidences are drawn from */
    bool sure;          /* of all that is booked: no key field below High */
    const char *unsure; /* but for this field; NULL: none */
};

/* Sums the items: net, taxes by rate, total. */
void invoice_sum_up(struct invoice *v);

bool invoice_is_receipt(const struct invoice *v);

#endif
