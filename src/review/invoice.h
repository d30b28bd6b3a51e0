/* invoice.h - a record as checks see it: its roles' values as amounts, days and texts.
 *
 *   struct invoice v = {0};
 *   invoice_read(&v, &record);        again and again: its memory is kept; RECORD must stay
 *   invoice_release(&v); */
#ifndef MB_REVIEW_INVOICE_H
#define MB_REVIEW_INVOICE_H

#include "review/amount.h"
#include "review/roles.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct invoice_line {
    int64_t n;
    struct amount quantity, price, amount, tax, rate;
};

struct invoice_tax {
    int64_t n;
    struct amount base, rate, amount;
};

enum day_state { DAY_NONE, DAY_GIVEN, DAY_BAD /* no date from 1970 on */ };

struct day {
    enum day_state state;
    int64_t number; /* since 1970-01-01 */
};

struct invoice {
    const struct role_record *record;
    struct amount net, tax, total, tip;
    struct day date, due;
    char currency[4];           /* in capitals, as checks and keys use it; "" if it is no code */
    bool currency_known;        /* it is one of ISO 4217 */
    int decimals;               /* of its amounts */
    bool is_receipt, is_credit; /* its type says so */
    struct invoice_line *lines;
    size_t line_count, line_capacity;
    struct invoice_tax *taxes;
    size_t tax_count, tax_capacity;
};

void invoice_read(struct invoice *v, const struct role_record *record);
void invoice_release(struct invoice *v);

/* The record has a field of that role, and it is empty. */
bool invoice_lacks(const struct invoice *v, enum role role);
bool invoice_gives(const struct invoice *v, enum role role);

#endif
