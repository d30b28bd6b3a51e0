/* keys.h - what makes two records of one supplier, or two invoice numbers one number: texts brought to a form in
 * which the same thing is the same bytes. A key that is empty says nothing and agrees with nothing.
 *
 *   supplier  letters and digits without legal forms, "und" and the like; ä, ae and a are one:
 *             "Müller & Söhne GmbH" = "MUELLER UND SOEHNE G.m.b.H." = mullersohne
 *   number    three forms of one invoice number, which number_key_same compares:
 *             "INV-00123/24": parts inv.123.24, whole inv0012324, shape inv00123/24
 *   VAT       "DE 123.456.789" = DE123456789
 *   IBAN      see iban.h
 *
 * Keys are stored (duplicate_index.h): who changes what they come to changes KEYS_VERSION. */
#ifndef MB_REVIEW_KEYS_H
#define MB_REVIEW_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    KEYS_VERSION = 1,
    SUPPLIER_KEY_MAX = 128, /* with the NUL, as the others; what is longer is cut */
    NUMBER_SHAPE_MAX = 64,  /* what is longer has no key */
    NUMBER_KEY_MAX = 2 * NUMBER_SHAPE_MAX,
    VAT_KEY_MAX = 32, /* what is longer has no key */
};

struct number_key {
    char parts
        [NUMBER_KEY_MAX]; /* runs of letters and of digits, each without leading zeros, joined by dots */
    char whole[NUMBER_KEY_MAX]; /* all together, without leading zeros */
    char shape
        [NUMBER_KEY_MAX]; /* all together, a slash where digits follow digits: the other two come from it */
};

void key_supplier(const char *text, size_t len, char out[SUPPLIER_KEY_MAX]);
/* A number without a digit ("N/A") has no key. */
void key_number(const char *text, size_t len, struct number_key *out);
/* The key whose shape that is. */
void key_number_of_shape(const char *shape, struct number_key *out);
/* Fewer than five characters, or no digit among them: no key. */
void key_vat(const char *text, size_t len, char out[VAT_KEY_MAX]);

/* One number, written differently: the same parts; or the same digits, where one of them is written with fewer
 * separators ("2026/004581", "2026004581"): 1/12 and 11/2 are two numbers. */
bool number_key_same(const struct number_key *a, const struct number_key *b);
/* Two numbers of which one may be a misreading of the other: a character more or less, two neighbours swapped,
 * or one taken for another that looks like it (O and 0, 1 and 7). Another digit is the next invoice. */
bool number_key_near(const struct number_key *a, const struct number_key *b);

#endif
