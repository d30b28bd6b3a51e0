/* bank.h - a seller's account as it stands on the paper, and its parts. */
#ifndef MB_SANDBOX_INVOICE_BANK_H
#define MB_SANDBOX_INVOICE_BANK_H

enum { BANK_TEXT_MAX = 96, BANK_PART_MAX = 40 };

struct bank {
    char text[BANK_TEXT_MAX];                     /* as printed */
    char iban[BANK_PART_MAX], bic[BANK_PART_MAX]; /* "" where there is none */
    char account[BANK_PART_MAX], routing[BANK_PART_MAX];
};

/* LINE is a supplier's: "IBAN DE79 6005 ... · BIC SOLADEST600", "Sort code 20-45-77 · Account 1". */
void bank_read(const char *line, struct bank *out);
/* Gives an IBAN the check digits that belong to the rest of it. */
void iban_make_valid(char *iban);
/* Puts another IBAN, of as many digits and as valid, in place of its own; the N-th such. B has one. */
void bank_change_iban(struct bank *b, unsigned n);

#endif
