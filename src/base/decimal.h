/* decimal.h - amounts, exactly: numbers as JSON writes them, added, multiplied and compared without a binary
 * fraction on the way.
 *
 *   struct decimal net, tax, sum;
 *   if (decimal_parse(&net, "489.97", 6) == 0 && decimal_parse(&tax, "97.98", 5) == 0 &&
 *       decimal_add(&sum, net, tax) == 0)
 *       decimal_format(sum, 2, text);             "587.95"
 *
 * ERR_LIMIT says: this can't be computed here, because a number has more than DECIMAL_DIGITS significant
 * digits, or places before or behind its point, or because a result doesn't fit. Nothing is ever rounded unless it
 * is asked for. */
#ifndef MB_BASE_DECIMAL_H
#define MB_BASE_DECIMAL_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

enum { DECIMAL_DIGITS = 18, DECIMAL_TEXT_MAX = 48 };

struct decimal {
    __int128 units; /* of 10 to the power of -scale */
    int scale;      /* 0 to 2 * DECIMAL_DIGITS */
};

#define DECIMAL_ZERO ((struct decimal){0, 0})

/* A JSON number ("195.0", "1e5", "-0"). ERR_FORMAT: it is none; ERR_LIMIT. */
MUST_CHECK int decimal_parse(struct decimal *out, const char *text, size_t len);
/* UNITS hundredths, for SCALE 2. */
struct decimal decimal_of(int64_t units, int scale);

/* 0 or ERR_LIMIT. */
MUST_CHECK int decimal_add(struct decimal *out, struct decimal a, struct decimal b);
MUST_CHECK int decimal_subtract(struct decimal *out, struct decimal a, struct decimal b);
MUST_CHECK int decimal_multiply(struct decimal *out, struct decimal a, struct decimal b);
struct decimal decimal_negate(struct decimal a);
struct decimal decimal_abs(struct decimal a);
/* Half a unit goes away from zero. */
struct decimal decimal_round(struct decimal a, int decimals);

/* Below, at or above zero as A is less than, equal to or more than B; always exact. */
int decimal_compare(struct decimal a, struct decimal b);
int decimal_sign(struct decimal a);
/* Digits behind the point that aren't trailing zeros. */
int decimal_places(struct decimal a);

/* With at least DECIMALS digits behind the point, more where they aren't zeros: "1881.30". Returns OUT. */
const char *decimal_format(struct decimal a, int decimals, char out[DECIMAL_TEXT_MAX]);

/* The same for people: "12,345.60". */
enum { DECIMAL_GROUPED_MAX = DECIMAL_TEXT_MAX + 16 };
const char *decimal_format_grouped(struct decimal a, int decimals, char out[DECIMAL_GROUPED_MAX]);

/* Any JSON number, of any length, without an exponent and without a minus before zero, appended: "1e5" is
 * 100000, "1.50E1" 15.0, "-0" 0. One that would be longer than NUMBER_PLAIN_MAX is left as it is. */
enum { NUMBER_PLAIN_MAX = 1000 };
void number_plain(struct buffer *out, const char *text, size_t len);

#endif
