/* tables.h - who sells what to whom. All made up: any likeness to a company is chance. */
#ifndef MB_SANDBOX_INVOICE_TABLES_H
#define MB_SANDBOX_INVOICE_TABLES_H

#include "sandbox/invoice/labels.h"
#include "sandbox/invoice/money.h"

#include <stdbool.h>

struct address {
    const char *number, *street, *postal_code, *city, *state, *country; /* state NULL: none */
    const char
        *lines; /* as it is printed, lines parted by '\n'; holds all of the above but country */
};

enum product_kind { PRODUCT_PIECES, PRODUCT_HOURS, PRODUCT_WEIGHT };

struct product {
    const char *code, *description; /* a '*' in the description takes the supplier's variant */
    const char *unit;
    int64_t price; /* minor units */
    enum product_kind kind;
    int tax; /* index into the supplier's taxes */
};

enum { PRODUCTS_MAX = 12, VARIANTS = 6, TAXES_MAX = 2 };

enum layout_style {
    LAYOUT_CLASSIC,
    LAYOUT_MODERN,
    LAYOUT_SIDEBAR,
    LAYOUT_MINIMAL,
    LAYOUT_ERP,
    LAYOUT_RECEIPT,
    LAYOUT_COUNT
};

struct tax {
    const char *name;
    int64_t rate_e5; /* 19 % is 19000; 0 with no name: none */
};

struct supplier {
    const char *name, *slogan, *initials;
    struct address address;
    const char *phone, *email;
    const char *registrations[2]; /* as printed; the first is the tax number; NULL: none */
    const char *registration_labels[2];
    const char *bank;          /* one line */
    const char *number_prefix; /* before a running number */
    int number_first, number_width, terms_days;
    enum language language;
    enum date_style date_style;
    const struct money_style *money;
    struct tax taxes[TAXES_MAX];
    bool taxes_stacked; /* both taxes on the whole net (Québec), instead of one on each line */
    bool letter_paper;  /* US letter instead of A4 */
    enum layout_style layout;
    unsigned colour; /* 0xRRGGBB */
    const char *category, *subcategory;
    struct product products[PRODUCTS_MAX]; /* ends early where code is NULL */
    const char *variants[VARIANTS];
};

struct customer {
    const char *name;
    struct address address;
    const char *tax_id; /* NULL: not printed */
};

extern const struct supplier suppliers[];
extern const int supplier_count;
extern const struct supplier merchants[]; /* give receipts */
extern const int merchant_count;
extern const struct customer customers[];
extern const int customer_count;

extern const struct money_style money_eur_de, money_eur_fr, money_eur_es, money_eur_it,
    money_eur_nl, money_gbp, money_usd, money_chf, money_jpy, money_cad_fr, money_sek;

#endif
