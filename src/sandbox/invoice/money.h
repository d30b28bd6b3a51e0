/* money.h - amounts in integers: minor units (cents; yen have none), quantities in
 * thousandths, tax rates in hundred-thousandths (19 % is 19000). Rounded half up, once per line and
 * once per tax. */
#ifndef MB_SANDBOX_INVOICE_MONEY_H
#define MB_SANDBOX_INVOICE_MONEY_H

#include <stddef.h>
#include <stdint.h>

/* How a currency is written by those who use it. */
struct money_style {
    const char *code;            /* ISO 4217 */
    int decimals;                /* 2, or 0 for yen */
    const char *group, *point;   /* between thousands, before the decimals (UTF-8) */
    const char *prefix, *suffix; /* around an amount that stands alone */
};

enum { MONEY_TEXT_MAX = 48 };

int64_t money_line_total(int64_t quantity_milli, int64_t unit_price);
int64_t money_tax(int64_t base, int64_t rate_e5);

/* For people, with the currency and without. Return OUT. */
const char *money_show(const struct money_style *m, int64_t minor, char out[MONEY_TEXT_MAX]);
const char *money_show_bare(const struct money_style *m, int64_t minor, char out[MONEY_TEXT_MAX]);
const char *quantity_show(const struct money_style *m, int64_t milli, char out[MONEY_TEXT_MAX]);
const char *rate_show(const struct money_style *m, int64_t rate_e5, char out[MONEY_TEXT_MAX]);

/* As a JSON number, exact and as Python writes a float: scaled_json(19000, 5) is "0.19",
 * scaled_json(123450, 2) "1234.5", scaled_json(19500, 2) "195.0". */
const char *scaled_json(int64_t scaled, int scale, char out[MONEY_TEXT_MAX]);

#endif
