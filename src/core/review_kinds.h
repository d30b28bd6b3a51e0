/* review_kinds.h - what is found in records, by kind, in the words of finance: several checks find one kind of thing. */
#ifndef MB_CORE_REVIEW_KINDS_H
#define MB_CORE_REVIEW_KINDS_H

#include "core/review_words.h"

#include <stdint.h>

enum review_kind {
    REVIEW_SUMS,
    REVIEW_DUPLICATES,
    REVIEW_NEW_ACCOUNT,
    REVIEW_BAD_ACCOUNT,
    REVIEW_MISSING,
    REVIEW_CURRENCY,
    REVIEW_DATES,
    REVIEW_TOTALS,
    REVIEW_VAT,
    REVIEW_NUMBERS,
    REVIEW_UNSURE,
    REVIEW_UNACCEPTED, /* by somebody, and nobody accepted it yet */
    REVIEW_KINDS
};

enum review_kind review_kind_of(enum check_code code);
/* What follows the number of records that have it: "sums don't add up". */
const char *review_kind_words(enum review_kind kind, int64_t records);

#endif
