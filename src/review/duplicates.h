/* duplicates.h - whether two records are one document that came twice, pure.
 *
 *   duplicate_keys_of(&invoice, &keys)
 *   duplicate_level(&earlier, &later)      CHECK_DUPLICATE_..., CHECK_COUNT: they aren't
 *
 * Two records are of one supplier if their VAT numbers, bank accounts or names agree; two VAT numbers that differ
 * say no, whatever else agrees. Of one supplier,
 *   duplicate-number       the same number, and totals of one sign: an invoice and its credit note may share it
 *   duplicate-number-year  the same, but dates more than 300 days apart, or in two years with different totals:
 *                          numbers begin anew
 *   duplicate-amount       the same total, currency and date, where a number is missing or may be misread
 *   duplicate-near         the same total and currency within 7 days, where the number may be misread
 * Numbers that differ clearly make two documents, whatever else agrees. */
#ifndef MB_REVIEW_DUPLICATES_H
#define MB_REVIEW_DUPLICATES_H

#include "core/review_words.h"
#include "review/iban.h"
#include "review/invoice.h"
#include "review/keys.h"

enum { DUPLICATE_YEAR_DAYS = 300, DUPLICATE_NEAR_DAYS = 7 };

struct duplicate_keys {
    char supplier[SUPPLIER_KEY_MAX];
    char vat[VAT_KEY_MAX];
    char iban[IBAN_MAX];
    struct number_key number;
    bool has_total;
    struct decimal total;
    char currency[4]; /* "": none */
    bool has_day;
    int64_t day;
};

void duplicate_keys_of(const struct invoice *v, struct duplicate_keys *out);
bool duplicate_same_supplier(const struct duplicate_keys *a, const struct duplicate_keys *b);
enum check_code duplicate_level(const struct duplicate_keys *earlier,
                                const struct duplicate_keys *later);

/* As they are usually graded, 2 or 1: another severity changes what is told, not which counts first. */
int duplicate_gravity(enum check_code level);

/* What agrees, for people: "one supplier, number inv.123, 119.00 EUR, dated 2026-11-02". Appended. */
void duplicate_tell(struct buffer *out, enum check_code level, const struct duplicate_keys *earlier,
                    const struct duplicate_keys *later);

#endif
