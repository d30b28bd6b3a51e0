/* iban.h - international bank account numbers: their normal form, and whether one can exist. */
#ifndef MB_REVIEW_IBAN_H
#define MB_REVIEW_IBAN_H

#include <stddef.h>

enum {
    IBAN_MAX = 40, /* with the NUL; what is longer is cut, and has a fault */
    IBAN_LONGEST = 34,
    IBAN_FAULT_MAX = 120,
};

/* Its letters and digits, in capitals, without the word IBAN before them: DE89370400440532013000. */
void iban_normal(const char *text, size_t len, char out[IBAN_MAX]);

enum iban_fault {
    IBAN_GOOD,
    IBAN_FORM,    /* it doesn't begin with two letters and two digits, or holds other characters */
    IBAN_COUNTRY, /* no country that has IBANs */
    IBAN_LENGTH,  /* not as long as that country's are */
    IBAN_DIGITS,  /* the check digits don't belong to the rest */
};

/* Of a normal form. WORDS say what is wrong. */
enum iban_fault iban_check(const char *normal, char words[IBAN_FAULT_MAX]);

#endif
