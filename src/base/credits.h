/* credits.h - amounts of what Mindee charges, exact: a price may be a decimal, so they are counted in
 * millionths of a credit, and a type of their own keeps them apart from pages. */
#ifndef MB_BASE_CREDITS_H
#define MB_BASE_CREDITS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { CREDIT_MICROS = 1000000, CREDIT_DECIMALS = 6, CREDITS_TEXT_MAX = 48 };
/* Whole ones: the most that an amount from outside may be. */
#define CREDITS_MAX INT64_C(1000000000000)

struct credits {
    int64_t micro;
};

/* Whole ones. */
struct credits credits_of(int64_t count);
/* "1", "0.25", "12.5": 0; ERR_FORMAT: not a decimal, or with more than CREDIT_DECIMALS digits behind
 * the point; ERR_LIMIT: more than CREDITS_MAX. */
MUST_CHECK int credits_parse(const char *text, struct credits *out);
struct credits credits_add(struct credits a, struct credits b);
/* At PRICE a page. */
struct credits credits_for(int64_t pages, struct credits price);
/* "12345", "12.5": for programs. Returns OUT. */
const char *credits_plain(struct credits c, char out[CREDITS_TEXT_MAX]);
/* "12,345", "12.5": for people. Returns OUT. */
const char *credits_format(struct credits c, char out[CREDITS_TEXT_MAX]);

#endif
