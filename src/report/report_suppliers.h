/* report_suppliers.h - who sent how many documents, over how much, the most first.
 *
 *   report_suppliers_note(s, name, len, currency, &total)     each record
 *   list = report_suppliers_list(s, &count)                   at most REPORT_SUPPLIERS_SHOWN
 *
 * Names that are written differently are one supplier if their keys agree (review/keys.h); it is called as in
 * the first of its records. */
#ifndef MB_REPORT_REPORT_SUPPLIERS_H
#define MB_REPORT_REPORT_SUPPLIERS_H

#include "export/control_totals.h"

enum {
    REPORT_SUPPLIERS_SHOWN = 50,
    REPORT_SUPPLIERS_MOST = 50000,  /* that are told apart; further ones count as others */
    REPORT_SUPPLIER_SUMS = 4,       /* currencies of one; further ones are counted */
    REPORT_SUPPLIER_NAME_MAX = 512, /* bytes; longer ones are cut */
};

struct report_supplier_sum {
    char code[CONTROL_CURRENCY_MAX];
    struct decimal total;
    int64_t records;
};

struct report_supplier {
    char *key, *name;
    int64_t records;
    struct report_supplier_sum sums[REPORT_SUPPLIER_SUMS]; /* in the order in which they came */
    size_t sum_count;
    int64_t
        not_summed; /* records of further currencies, or whose total is no number of at most 18 digits */
};

struct report_suppliers;

struct report_suppliers *report_suppliers_new(void);
void report_suppliers_free(struct report_suppliers *s); /* fine on NULL */
/* NAME may be NULL: the record names none. TOTAL NULL, NONE or null: it adds nothing. */
void report_suppliers_note(struct report_suppliers *s, const char *name, size_t len,
                           const struct cell *currency, const struct cell *total);
/* By records, then by name. */
const struct report_supplier *const *report_suppliers_list(struct report_suppliers *s,
                                                           size_t *count);
int64_t report_suppliers_count(const struct report_suppliers *s);   /* that were told apart */
int64_t report_suppliers_unnamed(const struct report_suppliers *s); /* records that name none */

#endif
