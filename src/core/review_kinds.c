/* See review_kinds.h. */
#include "core/review_kinds.h"

enum review_kind review_kind_of(enum check_code code)
{
    switch (code) {
    case CHECK_TOTAL_SUM:
    case CHECK_TOTAL_ROUNDED:
    case CHECK_LINES_SUM:
    case CHECK_LINE_PRODUCT:
    case CHECK_TAXES_SUM:
    case CHECK_BASES_SUM:
    case CHECK_TAX_PRODUCT:
        return REVIEW_SUMS;
    case CHECK_DUE_BEFORE_DATE:
    case CHECK_DUE_LATE:
    case CHECK_DATE_FUTURE:
    case CHECK_DATE_OUTSIDE:
        return REVIEW_DATES;
    case CHECK_CURRENCY_MISSING:
    case CHECK_CURRENCY_UNKNOWN:
        return REVIEW_CURRENCY;
    case CHECK_REQUIRED_MISSING:
        return REVIEW_MISSING;
    case CHECK_SIGN:
    case CHECK_TOTAL_ZERO:
        return REVIEW_TOTALS;
    case CHECK_IBAN_BAD:
        return REVIEW_BAD_ACCOUNT;
    case CHECK_IBAN_NEW:
        return REVIEW_NEW_ACCOUNT;
    case CHECK_VAT_SHAPE:
        return REVIEW_VAT;
    case CHECK_NOT_COMPUTABLE:
        return REVIEW_NUMBERS;
    case CHECK_CONFIDENCE:
        return REVIEW_UNSURE;
    default:
        return REVIEW_DUPLICATES;
    }
}

const char *review_kind_words(enum review_kind kind, int64_t records)
{
    static const char *const words[REVIEW_KINDS][2] = {
        [REVIEW_SUMS] = {"sum doesn't add up", "sums don't add up"},
        [REVIEW_DUPLICATES] = {"may be a duplicate", "may be duplicates"},
        [REVIEW_NEW_ACCOUNT] = {"bank account is new", "bank accounts are new"},
        [REVIEW_BAD_ACCOUNT] = {"bank account isn't valid", "bank accounts aren't valid"},
        [REVIEW_MISSING] = {"lacks a field", "lack a field"},
        [REVIEW_CURRENCY] = {"currency is missing or unknown", "currencies are missing or unknown"},
        [REVIEW_DATES] = {"date looks wrong", "dates look wrong"},
        [REVIEW_TOTALS] = {"total is zero or of the wrong sign",
                           "totals are zero or of the wrong sign"},
        [REVIEW_VAT] = {"VAT number looks wrong", "VAT numbers look wrong"},
        [REVIEW_NUMBERS] = {"number can't be reckoned with", "numbers can't be reckoned with"},
        [REVIEW_UNSURE] = {"reading is unsure", "readings are unsure"},
        [REVIEW_UNACCEPTED] = {"correction isn't accepted yet", "corrections aren't accepted yet"},
    };
    return words[kind][records != 1];
}
