/* labels.h - the words on an invoice, by language; dates as each country writes them. */
#ifndef MB_SANDBOX_INVOICE_LABELS_H
#define MB_SANDBOX_INVOICE_LABELS_H

#include <stddef.h>

enum language {
    LANGUAGE_EN,
    LANGUAGE_DE,
    LANGUAGE_FR,
    LANGUAGE_ES,
    LANGUAGE_IT,
    LANGUAGE_NL,
    LANGUAGE_COUNT
};

/* UTF-8, and all of it in Windows-1252, which is what a PDF's own fonts can show. A '*' stands for
 * what label_fill puts there. */
struct labels {
    const char *code; /* ISO 639-1 */
    const char *invoice, *receipt;
    const char *number, *date, *due, *order, *delivery_note;
    const char *bill_to, *from, *payment, *customer_vat;
    const char *item, *description, *quantity, *unit_price, *rate, *amount;
    const char *net, *tax_on, *total, *sum; /* sum: the total on a receipt */
    const char *page, *intro, *terms, *thanks;
    const char *phone, *receipt_number, *paid_by_card;
    const char *months[12]; /* only where dates are written out */
};

const struct labels *labels_of(enum language l);

/* PATTERN with its first '*' replaced by A and its second by B (NULL: none). Returns OUT. */
const char *label_fill(char *out, size_t size, const char *pattern, const char *a, const char *b);

struct date {
    int year, month, day;
};

enum date_style { DATE_DOTS, DATE_SLASHES, DATE_DASHES, DATE_ISO, DATE_GB, DATE_US };
enum { DATE_TEXT_MAX = 40 };

struct date date_add_days(struct date d, int days);
const char *date_show(enum date_style style, struct date d, char out[DATE_TEXT_MAX]);

#endif
