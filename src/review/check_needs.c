/* See check_needs.h. */
#include "review/check_needs.h"

#include <stddef.h>

enum { ROLES_MOST = 4 };

struct needs {
    enum role all[ROLES_MOST], any[ROLES_MOST]; /* ended by ROLE_COUNT */
};

#define ALL(...)                                                                                   \
    {                                                                                              \
        {__VA_ARGS__, ROLE_COUNT},                                                                 \
        {                                                                                          \
            ROLE_COUNT                                                                             \
        }                                                                                          \
    }
#define ALL_4(...)                                                                                 \
    {                                                                                              \
        {__VA_ARGS__},                                                                             \
        {                                                                                          \
            ROLE_COUNT                                                                             \
        }                                                                                          \
    }
#define SUPPLIER_WITH ROLE_SUPPLIER, ROLE_VAT, ROLE_IBAN, ROLE_COUNT

static const struct needs needs[CHECK_COUNT] = {
    [CHECK_TOTAL_SUM] = ALL(ROLE_NET, ROLE_TAX, ROLE_TOTAL),
    [CHECK_TOTAL_ROUNDED] = ALL(ROLE_NET, ROLE_TAX, ROLE_TOTAL),
    [CHECK_LINES_SUM] = {{ROLE_LINES, ROLE_LINES_AMOUNT, ROLE_COUNT},
                         {ROLE_NET, ROLE_TOTAL, ROLE_COUNT}},
    [CHECK_LINE_PRODUCT] =
        ALL_4(ROLE_LINES, ROLE_LINES_QUANTITY, ROLE_LINES_PRICE, ROLE_LINES_AMOUNT),
    [CHECK_TAXES_SUM] = ALL(ROLE_TAXES, ROLE_TAXES_AMOUNT, ROLE_TAX),
    [CHECK_BASES_SUM] = ALL(ROLE_TAXES, ROLE_TAXES_BASE, ROLE_NET),
    [CHECK_TAX_PRODUCT] = ALL_4(ROLE_TAXES, ROLE_TAXES_BASE, ROLE_TAXES_RATE, ROLE_TAXES_AMOUNT),
    [CHECK_DUE_BEFORE_DATE] = ALL(ROLE_DATE, ROLE_DUE),
    [CHECK_DUE_LATE] = ALL(ROLE_DATE, ROLE_DUE),
    [CHECK_DATE_FUTURE] = ALL(ROLE_DATE),
    [CHECK_DATE_OUTSIDE] = ALL(ROLE_DATE),
    [CHECK_CURRENCY_MISSING] = ALL(ROLE_CURRENCY),
    [CHECK_CURRENCY_UNKNOWN] = ALL(ROLE_CURRENCY),
    [CHECK_REQUIRED_MISSING] = {{ROLE_COUNT}, {ROLE_COUNT}},
    [CHECK_SIGN] = ALL(ROLE_TOTAL),
    [CHECK_TOTAL_ZERO] = ALL(ROLE_TOTAL),
    [CHECK_IBAN_BAD] = ALL(ROLE_IBAN),
    [CHECK_IBAN_NEW] = {{ROLE_IBAN, ROLE_COUNT}, {ROLE_SUPPLIER, ROLE_VAT, ROLE_COUNT}},
    [CHECK_VAT_SHAPE] = ALL(ROLE_VAT),
    [CHECK_NOT_COMPUTABLE] = {{ROLE_COUNT}, {ROLE_COUNT}},
    [CHECK_CONFIDENCE] = {{ROLE_COUNT}, {ROLE_COUNT}},
    [CHECK_DUPLICATE_BYTES] = {{ROLE_COUNT}, {ROLE_COUNT}},
    [CHECK_DUPLICATE_NUMBER] = {{ROLE_NUMBER, ROLE_COUNT}, {SUPPLIER_WITH}},
    [CHECK_DUPLICATE_NUMBER_YEAR] = {{ROLE_NUMBER, ROLE_COUNT}, {SUPPLIER_WITH}},
    [CHECK_DUPLICATE_AMOUNT] = {{ROLE_TOTAL, ROLE_CURRENCY, ROLE_DATE, ROLE_COUNT},
                                {SUPPLIER_WITH}},
    [CHECK_DUPLICATE_NEAR] = {{ROLE_TOTAL, ROLE_CURRENCY, ROLE_DATE, ROLE_NUMBER}, {SUPPLIER_WITH}},
};

enum role check_lacks(enum check_code code, const bool has[ROLE_COUNT])
{
    const struct needs *n = &needs[code];
    bool any = n->any[0] == ROLE_COUNT;
    for (size_t i = 0; i < ROLES_MOST && n->all[i] != ROLE_COUNT; i++)
        if (!has[n->all[i]])
            return n->all[i];
    for (size_t i = 0; i < ROLES_MOST && n->any[i] != ROLE_COUNT; i++)
        any = any || has[n->any[i]];
    return any ? ROLE_COUNT : n->any[0];
}
