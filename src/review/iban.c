/* See iban.h. Lengths are those of the registry that SWIFT keeps for ISO 13616. */
#include "review/iban.h"

#include "review/fold.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    char country[3];
    unsigned char length;
} lengths[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
    {"YE", 30},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

void iban_normal(const char *text, size_t len, char out[IBAN_MAX])
{
    char folded[FOLD_MAX];
    size_t used = 0;
    for (const char *p = fold_text(text, len, folded); *p && used + 1 < IBAN_MAX; p++) {
        if (used == 4 && memcmp(out, "IBAN", 4) == 0)
            used = 0;
        if (*p >= 'a' && *p <= 'z')
            out[used++] = (char)(*p - 'a' + 'A');
        else if (is_digit(*p) || (unsigned char)*p >= 0x80)
            out[used++] = *p;
    }
    while (used && (unsigned char)out[used - 1] >= 0x80)
        used--; /* perhaps cut within a character */
    out[used] = '\0';
}

/* What ISO 7064 makes of it: 1 if it is well. */
static int remainder_97(const char *normal, size_t len)
{
    int rest = 0;
    for (size_t i = 0; i < len; i++) {
        char c = normal[(i + 4) % len];
        rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
    }
    return rest;
}

static int length_in(const char *country)
{
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (memcmp(lengths[i].country, country, 2) == 0)
            return lengths[i].length;
    return 0;
}

static bool has_form(const char *normal, size_t len)
{
    if (len < 5 || !is_capital(normal[0]) || !is_capital(normal[1]) || !is_digit(normal[2]) ||
        !is_digit(normal[3]))
        return false;
    for (size_t i = 4; i < len; i++)
        if (!is_digit(normal[i]) && !is_capital(normal[i]))
            return false;
    return true;
}

enum iban_fault iban_check(const char *normal, char words[IBAN_FAULT_MAX])
{
    size_t len = strlen(normal);
    words[0] = '\0';
    if (!has_form(normal, len)) {
        snprintf(words, IBAN_FAULT_MAX, "%s doesn't have the form of an IBAN", normal);
        return IBAN_FORM;
    }
    int wanted = length_in(normal);
    if (!wanted) {
        snprintf(words, IBAN_FAULT_MAX, "%s begins with no country that has IBANs", normal);
        return IBAN_COUNTRY;
    }
    if (len != (size_t)wanted) {
        snprintf(words, IBAN_FAULT_MAX, "%s has %zu characters, IBANs of %.2s have %d", normal, len,
                 normal, wanted);
        return IBAN_LENGTH;
    }
    if (remainder_97(normal, len) != 1) {
        snprintf(words, IBAN_FAULT_MAX, "the check digits of %s don't belong to the rest", normal);
        return IBAN_DIGITS;
    }
    return IBAN_GOOD;
}
