/* invoice_check.h - everything that one record can be checked for by itself, pure and exact.
 *
 *   invoice_check(&invoice, &options, &circumstances, &findings)       adds to the findings
 *
 * u is one unit of the last decimal of the currency, n the number of rows. A check that needs a value which is
 * empty says nothing. "At most" includes.
 *   total-sum        net + tax misses the total by more than checks.tolerance u, with the tip or without
 *   total-rounded    the same, but the total is rounded for cash, as is done in that currency
 *   lines-sum        the lines' amounts add up neither to the net nor to the total, within u (n + 1) / 2
 *   line-product     quantity times price isn't the amount, within half a u and what rounding of the price does
 *   taxes-sum        the taxes miss the tax by more than n u; bases-sum: their bases the net
 *   tax-product      base times rate misses the amount by more than 2 u; a rate over 1 is in percent
 *   due-before-date, due-late, date-future, date-outside
 *   currency-missing, currency-unknown, required-missing, sign, total-zero
 *   iban-bad, iban-new, vat-shape
 *   not-computable   a number of over 18 digits, or what is none; a date that is none
 *   confidence       Mindee is less sure of a value than it should be
 * Duplicates are found by others: duplicates.h. */
#ifndef MB_REVIEW_INVOICE_CHECK_H
#define MB_REVIEW_INVOICE_CHECK_H

#include "review/circumstances.h"
#include "review/findings.h"
#include "review/invoice.h"

void invoice_check(const struct invoice *v, const struct check_options *o,
                   const struct circumstances *c, struct findings *out);

#endif
