/* See vat_shape.h. In a pattern 9 is a digit, A a letter, X either; anything else is itself. */
#include "review/vat_shape.h"

#include <stddef.h>
#include <string.h>

static const struct {
    char country[3];
    const char *patterns[5]; /* of what stands behind the country */
} shapes[] = {
    {"AT", {"U99999999"}},
    {"BE", {"0999999999", "1999999999"}},
    {"BG", {"999999999", "9999999999"}},
    {"CH", {"E999999999", "E999999999MWST", "E999999999TVA", "E999999999IVA"}},
    {"CY", {"99999999A"}},
    {"CZ", {"99999999", "999999999", "9999999999"}},
    {"DE", {"999999999"}},
    {"DK", {"99999999"}},
    {"EE", {"999999999"}},
    {"EL", {"999999999"}},
    {"ES", {"A99999999", "99999999A", "A9999999A"}},
    {"FI", {"99999999"}},
    {"FR", {"XX999999999"}},
    {"GB", {"999999999", "999999999999", "GD999", "HA999"}},
    {"GR", {"999999999"}},
    {"HR", {"99999999999"}},
    {"HU", {"99999999"}},
    {"IE", {"9999999A", "9999999AA", "9A99999A"}},
    {"IT", {"99999999999"}},
    {"LT", {"999999999", "999999999999"}},
    {"LU", {"99999999"}},
    {"LV", {"99999999999"}},
    {"MT", {"99999999"}},
    {"NL", {"999999999B99"}},
    {"NO", {"999999999", "999999999MVA"}},
    {"PL", {"9999999999"}},
    {"PT", {"999999999"}},
    {"SE", {"999999999999"}},
    {"SI", {"99999999"}},
    {"SK", {"9999999999"}},
    {"XI", {"999999999", "999999999999", "GD999", "HA999"}},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool matches(const char *pattern, const char *text)
{
    for (; *pattern && *text; pattern++, text++) {
        bool fits = *pattern == '9'   ? is_digit(*text)
                    : *pattern == 'A' ? is_letter(*text)
                    : *pattern == 'X' ? is_digit(*text) || is_letter(*text)
                                      : *pattern == *text;
        if (!fits)
            return false;
    }
    return !*pattern && !*text;
}

/* Two to ten digits. */
static bool is_romanian(const char *text)
{
    size_t len = strspn(text, "0123456789");
    return len >= 2 && len <= 10 && !text[len];
}

bool vat_shape_fits(const char *key)
{
    if (strncmp(key, "SIRE", 4) == 0) /* the words SIREN and SIRET, no Slovenian number */
        return true;
    if (strncmp(key, "RO", 2) == 0)
        return is_romanian(key + 2);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (strncmp(key, shapes[i].country, 2) != 0)
            continue;
        for (size_t p = 0; p < 5 && shapes[i].patterns[p]; p++)
            if (matches(shapes[i].patterns[p], key + 2))
                return true;
        return false;
    }
    return true;
}
