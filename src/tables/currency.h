/* currency.h - what is known of a currency by its code (ISO 4217). */
#ifndef MB_TABLES_CURRENCY_H
#define MB_TABLES_CURRENCY_H

#include <stdbool.h>
#include <stddef.h>

enum { CURRENCY_DECIMALS = 2 /* of nearly all, and of a code that isn't known */ };

/* Digits behind the point in amounts of CODE: JPY 0, EUR 2, KWD 3. */
int currency_decimals(const char *code, size_t len);

/* Whether CODE, in capitals, is a currency's. Funds and metals aren't. */
bool currency_known(const char *code, size_t len);

#endif
