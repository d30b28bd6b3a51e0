/* review_words.h - the words of reviewing that options and reasons are written in: the roles that a field can
 * have, the codes of what is found, how grave it is, how sure Mindee is. Who adds one adds a row here. */
#ifndef MB_CORE_REVIEW_WORDS_H
#define MB_CORE_REVIEW_WORDS_H

/* X(NAME, key of [fields]). Those of lines and taxes are columns of the list, the others fields of the record. */
#define ROLES(X)                                                                                   \
    X(SUPPLIER, supplier)                                                                          \
    X(NUMBER, number)                                                                              \
    X(TYPE, type)                                                                                  \
    X(DATE, date)                                                                                  \
    X(DUE, due)                                                                                    \
    X(CURRENCY, currency)                                                                          \
    X(NET, net)                                                                                    \
    X(TAX, tax)                                                                                    \
    X(TOTAL, total)                                                                                \
    X(TIP, tip)                                                                                    \
    X(VAT, vat)                                                                                    \
    X(IBAN, iban)                                                                                  \
    X(LINES, lines)                                                                                \
    X(LINES_QUANTITY, lines_quantity)                                                              \
    X(LINES_PRICE, lines_price)                                                                    \
    X(LINES_AMOUNT, lines_amount)                                                                  \
    X(LINES_TAX, lines_tax)                                                                        \
    X(LINES_RATE, lines_rate)                                                                      \
    X(TAXES, taxes)                                                                                \
    X(TAXES_BASE, taxes_base)                                                                      \
    X(TAXES_RATE, taxes_rate)                                                                      \
    X(TAXES_AMOUNT, taxes_amount)

enum role {
#define X(name, key) ROLE_##name,
    ROLES(X)
#undef X
        ROLE_COUNT,
    ROLE_SINGLE_COUNT = ROLE_LINES, /* those before are fields of the record */
};

enum severity { SEVERITY_OFF, SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

/* X(NAME, code, severity unless the options say otherwise) */
#define CHECK_CODES(X)                                                                             \
    X(TOTAL_SUM, "total-sum", ERROR)                                                               \
    X(TOTAL_ROUNDED, "total-rounded", INFO)                                                        \
    X(LINES_SUM, "lines-sum", ERROR)                                                               \
    X(LINE_PRODUCT, "line-product", WARNING)                                                       \
    X(TAXES_SUM, "taxes-sum", ERROR)                                                               \
    X(BASES_SUM, "bases-sum", WARNING)                                                             \
    X(TAX_PRODUCT, "tax-product", WARNING)                                                         \
    X(DUE_BEFORE_DATE, "due-before-date", ERROR)                                                   \
    X(DUE_LATE, "due-late", WARNING)                                                               \
    X(DATE_FUTURE, "date-future", ERROR)                                                           \
    X(DATE_OUTSIDE, "date-outside", WARNING)                                                       \
    X(CURRENCY_MISSING, "currency-missing", ERROR)                                                 \
    X(CURRENCY_UNKNOWN, "currency-unknown", ERROR)                                                 \
    X(REQUIRED_MISSING, "required-missing", ERROR)                                                 \
    X(SIGN, "sign", WARNING)                                                                       \
    X(TOTAL_ZERO, "total-zero", WARNING)                                                           \
    X(IBAN_BAD, "iban-bad", ERROR)                                                                 \
    X(IBAN_NEW, "iban-new", ERROR)                                                                 \
    X(VAT_SHAPE, "vat-shape", WARNING)                                                             \
    X(NOT_COMPUTABLE, "not-computable", WARNING)                                                   \
    X(CONFIDENCE, "confidence", WARNING)                                                           \
    X(DUPLICATE_BYTES, "duplicate-bytes", INFO)                                                    \
    X(DUPLICATE_NUMBER, "duplicate-number", ERROR)                                                 \
    X(DUPLICATE_NUMBER_YEAR, "duplicate-number-year", WARNING)                                     \
    X(DUPLICATE_AMOUNT, "duplicate-amount", ERROR)                                                 \
    X(DUPLICATE_NEAR, "duplicate-near", WARNING)

enum check_code {
#define X(name, code, severity) CHECK_##name,
    CHECK_CODES(X)
#undef X
        CHECK_COUNT
};

/* How sure Mindee says that it is of a value. A word that isn't known counts as the lowest. */
#define CONFIDENCES(X)                                                                             \
    X(LOW, Low)                                                                                    \
    X(MEDIUM, Medium)                                                                              \
    X(HIGH, High)                                                                                  \
    X(CERTAIN, Certain)

enum confidence {
    CONFIDENCE_UNKNOWN,
#define X(name, word) CONFIDENCE_##name,
    CONFIDENCES(X)
#undef X
};

#endif
