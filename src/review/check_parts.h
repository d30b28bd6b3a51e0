/* check_parts.h - the parts of invoice_check.c, and what they share. */
#ifndef MB_REVIEW_CHECK_PARTS_H
#define MB_REVIEW_CHECK_PARTS_H

#include "review/circumstances.h"
#include "review/findings.h"
#include "review/invoice.h"

struct check {
    const struct invoice *invoice;
    const struct check_options *options;
    const struct circumstances *circumstances;
    struct findings *out;
};

void check_totals(const struct check *k);     /* total-sum, total-rounded, sign, total-zero */
void check_lines(const struct check *k);      /* lines-sum, line-product */
void check_taxes(const struct check *k);      /* taxes-sum, bases-sum, tax-product */
void check_dates(const struct check *k);      /* due-..., date-... */
void check_identity(const struct check *k);   /* currency-..., iban-..., vat-shape */
void check_computable(const struct check *k); /* not-computable */
void check_required(const struct check *k);   /* required-missing */
void check_confidence(const struct check *k); /* confidence */

/* Paths and values for people, in a ring of static buffers per thread: valid for a few calls. */
const char *check_field(const struct check *k, enum role role);
const char *check_row_field(const struct role_list *list, int64_t n, const char *column);
const char *check_value(const struct cell *cell);

#endif
