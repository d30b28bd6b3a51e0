/* See workbook_cells.h. Nothing here can fail but for memory: what doesn't fit is cut or refused. */
#include "workbook/workbook_cells.h"

#include "format/file_link.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ELLIPSIS    "\xe2\x80\xa6"

/* Texts of a cell are bounded: running out of memory ends the process, as with buffer_put(). */
static void put(struct buffer *out, const char *bytes, size_t len)
{
    REQUIRE(buffer_append(out, bytes, len) == 0);
}

uint32_t workbook_character(const char *text, size_t len, size_t *bytes)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text;
    size_t n = s[0] < 0x80   ? 1
               : s[0] < 0xc2 ? 0
               : s[0] < 0xe0 ? 2
               : s[0] < 0xf0 ? 3
               : s[0] < 0xf5 ? 4
                             : 0;
    *bytes = 1;
    if (n == 1)
        return s[0];
    if (n == 0 || n > len)
        return 0xfffd;
    uint32_t c = s[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0xfffd;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[n] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
        return 0xfffd;
    *bytes = n;
    return c;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "_x0041_": Excel shows an A. */
static bool looks_escaped(const char *text, size_t len)
{
    if (len < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_')
        return false;
    return is_hex(text[2]) && is_hex(text[3]) && is_hex(text[4]) && is_hex(text[5]);
}

static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7f && c != '_';
}

/* What stands for one character of the text: PIECE, of *LEN bytes and *UNITS units. Returns the bytes of
 * the text that it stands for. */
static size_t next_piece(const char *text, size_t left, const char **piece, size_t *len, int *units)
{
    size_t bytes;
    uint32_t c = workbook_character(text, left, &bytes);
    *piece = text;
    *len = bytes;
    *units = c > 0xffff ? 2 : 1;
    if (c == '\r') {
        *piece = "\n";
        return left > 1 && text[1] == '\n' ? 2 : 1;
    }
    if (c == '_' && looks_escaped(text, left)) {
        *piece = "_x005F_";
        *len = 7;
        *units = 7;
        return 1;
    }
    if ((c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c >= 0xfffd) {
        if (c >= 0x10000)
            return bytes;
        *piece = REPLACEMENT;
        *len = 3;
    }
    return bytes;
}

bool workbook_text(struct buffer *out, const char *text, size_t len)
{
    int units = 0;
    size_t room_at = 0; /* where the text ends if it is cut */
    bool cut = false;
    buffer_clear(out);
    for (size_t i = 0; i < len && !cut;) {
        size_t run = 0;
        while (run < len - i && units + (int)run < WORKBOOK_TEXT_MOST - 1 &&
               is_plain(text[i + run]))
            run++;
        put(out, text + i, run);
        units += (int)run;
        i += run;
        if (units < WORKBOOK_TEXT_MOST)
            room_at = out->len;
        if (i == len)
            break;
        const char *piece;
        size_t piece_len;
        int piece_units;
        i += next_piece(text + i, len - i, &piece, &piece_len, &piece_units);
        units += piece_units;
        cut = units > WORKBOOK_TEXT_MOST;
        if (!cut)
            put(out, piece, piece_len);
        if (units < WORKBOOK_TEXT_MOST)
            room_at = out->len;
    }
    if (cut) {
        out->len = room_at;
        put(out, ELLIPSIS, strlen(ELLIPSIS));
    }
    return cut;
}

/* In tenths of a digit, which is what a column's width is counted in: about as in Calibri and the like.
 * Chinese, Japanese, Korean and emoji are as wide as two. */
static int width_of(uint32_t c)
{
    if ((c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) || (c >= 0xac00 && c < 0xd7a4) ||
        (c >= 0xf900 && c < 0xfb00) || (c >= 0xff00 && c < 0xff61) || c >= 0x1f300)
        return 20;
    if (c >= 'A' && c <= 'Z')
        return 12;
    return c == ' ' || (c >= 'a' && c <= 'z') ? 9 : 10;
}

int workbook_lines(const char *text, size_t len, int width, int most)
{
    int lines = 1, at = 0, word = 0; /* AT: the width of the line so far, WORD: of its last word */
    width *= 10;
    if (len * 12 <= (size_t)width && !memchr(text, '\n', len)) /* the most that a byte can need */
        return 1;
    for (size_t i = 0, bytes; i < len && lines < most; i += bytes) {
        uint32_t c = workbook_character(text + i, len - i, &bytes);
        int w = width_of(c);
        if (c == '\n') {
            lines++;
            at = word = 0;
            continue;
        }
        at += w;
        word = c == ' ' || w == 20 ? 0 : word + w;
        if (at <= width || c == ' ')
            continue;
        lines++;
        at = word && word < width ? word : w;
        word = at;
    }
    return lines;
}

/* The digits of a JSON number without zeros at either end, and the power of ten behind them. */
struct digits {
    char text[WORKBOOK_DIGITS_MOST + 1];
    int count; /* one more than there is room for: too many */
    long exponent;
};

static void take_digit(struct digits *d, char c, int *zeros)
{
    if (c == '0') {
        if (d->count > 0)
            ++*zeros;
        return;
    }
    for (; *zeros > 0 && d->count <= WORKBOOK_DIGITS_MOST; --*zeros)
        if (d->count++ < WORKBOOK_DIGITS_MOST)
            d->text[d->count - 1] = '0';
    if (d->count <= WORKBOOK_DIGITS_MOST && d->count++ < WORKBOOK_DIGITS_MOST)
        d->text[d->count - 1] = c;
}

/* An exponent's digits; what is out of all proportion is a million. */
static long exponent_of(const char *text, size_t len)
{
    bool negative = len > 0 && *text == '-';
    size_t i = negative || (len > 0 && *text == '+') ? 1 : 0;
    long n = 0;
    for (; i < len && n < 1000000; i++)
        n = n * 10 + (text[i] - '0');
    return negative ? -n : n;
}

/* Where the digits and the power of ten are doubles themselves, which amounts are, one division or
 * multiplication rounds as strtod does, at a tenth of its cost. */
static bool small_value(const struct digits *d, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    enum { MOST = sizeof powers / sizeof *powers - 1 };
    int64_t whole = 0;
    if (d->exponent < -MOST || d->exponent > MOST)
        return false;
    for (int i = 0; i < d->count; i++)
        whole = whole * 10 + (d->text[i] - '0');
    *value = d->exponent < 0 ? (double)whole / powers[-d->exponent]
                             : (double)whole * powers[d->exponent];
    return true;
}

bool workbook_number(const char *text, size_t len, double *value)
{
    struct digits d = {.count = 0};
    bool negative = len > 0 && *text == '-', fraction = false;
    int zeros = 0; /* seen, and no other digit after them so far */
    long behind = 0;
    size_t i = negative ? 1 : 0;
    for (; i < len && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] == '.') {
            fraction = true;
            continue;
        }
        take_digit(&d, text[i], &zeros);
        behind += fraction;
    }
    if (d.count > WORKBOOK_DIGITS_MOST)
        return false;
    *value = 0;
    if (d.count == 0)
        return true;
    d.exponent = zeros - behind + (i < len ? exponent_of(text + i + 1, len - i - 1) : 0);
    if (small_value(&d, value)) {
        *value = negative ? -*value : *value;
        return true;
    }
    char number[48]; /* without a point, whose form depends on the locale */
    snprintf(number, sizeof number, "%s%.*se%ld", negative ? "-" : "", d.count, d.text, d.exponent);
    *value = strtod(number, NULL);
    double size = fabs(*value);
    return size >= 2.2251e-308 && size <= 9.99999999999999e307; /* Excel's own bounds */
}

/* Days from 0000-03-01 on; the leap day is a year's last. */
static int day_number(int year, int month, int day)
{
    int y = month < 3 ? year - 1 : year, m = month < 3 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

enum {
    DAY_0 = 693899 /* day_number() of what Excel calls day 0, 1899-12-30 */,
    FIRST_TRUE_DAY = 61
};

void workbook_date_of(int day, int *year, int *month, int *day_of_month)
{
    int n = day + DAY_0;
    int y = (int)(((int64_t)n * 400 + 399) / 146097); /* at most one too many */
    while (365 * y + y / 4 - y / 100 + y / 400 > n)
        y--;
    int left = n - (365 * y + y / 4 - y / 100 + y / 400);
    int m = (5 * left + 2) / 153;
    *day_of_month = left - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = m < 10 ? y : y + 1;
}

bool workbook_date(const char *text, size_t len, int *day)
{
    int part[3] = {0};
    if (len != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (int i = 0, p = 0; i < 10; i++) {
        if (i == 4 || i == 7) {
            p++;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return false;
        part[p] = part[p] * 10 + (text[i] - '0');
    }
    if (part[0] < 1900 || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31)
        return false;
    *day = day_number(part[0], part[1], part[2]) - DAY_0;
    if (*day < FIRST_TRUE_DAY)
        return false;
    int back[3];
    workbook_date_of(*day, &back[0], &back[1], &back[2]); /* the 31st of April is the 1st of May */
    return back[1] == part[1] && back[2] == part[2];
}

bool workbook_link(struct buffer *out, const char *directory, const char *file)
{
    buffer_clear(out);
    return file_link(out, directory, file) && out->len > 0 && out->len <= WORKBOOK_LINK_MOST;
}
