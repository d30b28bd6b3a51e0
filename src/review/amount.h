/* amount.h - the numbers of a record, and arithmetic with them that says at its end whether it held all along.
 *
 *   struct sum s = sum_of(net);
 *   sum_add(&s, tax);  sum_subtract(&s, total);
 *   if (sum_within(&s, &tolerance)) ...
 *   if (s.over) ...                        more digits than 128 bits hold: nothing may be said of it */
#ifndef MB_REVIEW_AMOUNT_H
#define MB_REVIEW_AMOUNT_H

#include "base/decimal.h"
#include "tables/cell.h"

#include <stdbool.h>

enum amount_state {
    AMOUNT_NONE,  /* empty, or not there */
    AMOUNT_GIVEN, /* a number, exact */
    AMOUNT_BAD,   /* over 18 digits, or no number */
};

struct amount {
    enum amount_state state;
    struct decimal number;
};

/* A text that is a number by itself ("12.50") is one. */
struct amount amount_read(const struct cell *cell);

struct sum {
    struct decimal value;
    bool over;
};

struct sum sum_zero(void);
struct sum sum_of(struct decimal a);
void sum_add(struct sum *s, struct decimal a);
void sum_subtract(struct sum *s, struct decimal a);
void sum_multiply(struct sum *s, struct decimal a);
/* Whether the absolute value is at most TOLERANCE; false if it is over. */
bool sum_within(const struct sum *s, const struct sum *tolerance);

/* COUNT halves of the last of DECIMALS digits: of 2 decimals and 3 halves 0.015. */
struct sum halves_of_unit(int64_t count, int decimals);

/* 1 + RATE as a factor, RATE alone without PLUS_ONE: 0.2 and 20 are 20 percent. */
struct sum rate_factor(struct decimal rate, bool plus_one);

#endif
