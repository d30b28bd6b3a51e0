/* See csv_profile.h. */
#include "format/csv_profile.h"

#include <string.h>

struct csv_profile csv_profile_of(const struct csv_choices *c)
{
    static const struct csv_profile profiles[] = {
        [CSV_EXCEL] = {',', '.', true, true, CSV_DATES_ISO},
        [CSV_EXCEL_EU] = {';', ',', true, true, CSV_DATES_ISO},
        [CSV_RFC4180] = {',', '.', false, false, CSV_DATES_ISO},
    };
    struct csv_profile p = profiles[c->profile];
    if (c->delimiter != CSV_DELIMITER_OF_PROFILE)
        p.delimiter = (char)c->delimiter;
    if (c->decimal != CSV_DECIMAL_OF_PROFILE)
        p.decimal = (char)c->decimal;
    if (c->bom >= 0)
        p.bom = c->bom != 0;
    if (c->defuse >= 0)
        p.defuse = c->defuse != 0;
    p.dates = c->dates;
    return p;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* -12.50: what no spreadsheet takes for a formula. */
static bool is_plain_number(const char *text, size_t len)
{
    const char *p = text, *end = text + len;
    if (p < end && *p == '-')
        p++;
    const char *whole = p;
    while (p < end && is_digit(*p))
        p++;
    if (p == whole)
        return false;
    if (p < end && *p == '.') {
        const char *fraction = ++p;
        while (p < end && is_digit(*p))
            p++;
        if (p == fraction)
            return false;
    }
    return p == end;
}

static bool begins_formula(const char *p, size_t left)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                       "\xef\xbc\xa0"}; /* = + - @ of full width */
    if (left && *p && strchr("=+-@\t\r\n|", *p))
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (left >= 3 && memcmp(p, wide[i], 3) == 0)
            return true;
    return false;
}

bool csv_defused(const char *text, size_t len)
{
    const char *p = text, *end = text + len;
    if (len && *text == '\'')
        return true;
    while (p < end) {
        if (*p == ' ')
            p++;
        else if (end - p > 1 && p[0] == '\xc2' && p[1] == '\xa0') /* one that doesn't break */
            p += 2;
        else
            break;
    }
    return begins_formula(p, (size_t)(end - p)) && !is_plain_number(text, len);
}

bool csv_date(enum csv_dates dates, const char *text, size_t len, char out[CSV_DATE_LEN])
{
    static const char *const forms[] = {
        [CSV_DATES_ISO] = "YYYY-MM-DD",
        [CSV_DATES_DMY_SLASH] = "DD/MM/YYYY",
        [CSV_DATES_DMY_DOT] = "DD.MM.YYYY",
        [CSV_DATES_MDY_SLASH] = "MM/DD/YYYY",
    };
    if (len != CSV_DATE_LEN)
        return false;
    for (size_t i = 0; i < len; i++)
        if (i == 4 || i == 7 ? text[i] != '-' : !is_digit(text[i]))
            return false;
    const char *year = text, *month = text + 5, *day = text + 8;
    for (size_t i = 0; i < CSV_DATE_LEN; i++) {
        char c = forms[dates][i];
        out[i] = c == 'Y' ? *year++ : c == 'M' ? *month++ : c == 'D' ? *day++ : c;
    }
    return true;
}
