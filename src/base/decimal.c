/* See decimal.h. Units are 128-bit integers: two numbers of 18 digits multiply to 36, and align to 36, so that
 * only sums of products can overflow, which is looked at in each step. */
#include "base/decimal.h"

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A JSON number in its parts. */
struct number_parts {
    bool negative;
    const char *whole, *fraction; /* digits */
    size_t whole_len, fraction_len;
    int64_t exponent;
};

enum { EXPONENT_MOST = 1000000 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && is_digit(text[n]))
        n++;
    return n;
}

/* Takes "e+12" off what is left; what is larger than EXPONENT_MOST is that. */
static bool take_exponent(struct number_parts *p, const char *text, size_t len)
{
    size_t at = 1;
    bool below = len > 1 && text[1] == '-';
    if (len > 1 && (text[1] == '-' || text[1] == '+'))
        at++;
    size_t digits = digits_at(text + at, len - at);
    if (digits == 0 || at + digits != len)
        return false;
    for (; at < len; at++)
        if (p->exponent < EXPONENT_MOST)
            p->exponent = p->exponent * 10 + (text[at] - '0');
    if (below)
        p->exponent = -p->exponent;
    return true;
}

static bool take_apart(struct number_parts *p, const char *text, size_t len)
{
    *p = (struct number_parts){0};
    if (len && *text == '-') {
        p->negative = true;
        text++;
        len--;
    }
    p->whole = text;
    p->whole_len = digits_at(text, len);
    if (p->whole_len == 0 || (p->whole_len > 1 && *text == '0'))
        return false;
    text += p->whole_len;
    len -= p->whole_len;
    p->fraction = text;
    if (len && *text == '.') {
        p->fraction = text + 1;
        p->fraction_len = digits_at(text + 1, len - 1);
        if (p->fraction_len == 0)
            return false;
        text += p->fraction_len + 1;
        len -= p->fraction_len + 1;
    }
    return len == 0 || ((*text == 'e' || *text == 'E') && take_exponent(p, text, len));
}

/* The digit at I of whole and fraction, as one row of digits. */
static char digit_at(const struct number_parts *p, size_t i)
{
    return i < p->whole_len ? p->whole[i] : p->fraction[i - p->whole_len];
}

static size_t first_digit(const struct number_parts *p)
{
    size_t i = 0;
    while (i < p->whole_len + p->fraction_len && digit_at(p, i) == '0')
        i++;
    return i;
}

int decimal_parse(struct decimal *out, const char *text, size_t len)
{
    struct number_parts p;
    *out = DECIMAL_ZERO;
    if (!take_apart(&p, text, len))
        return ERR_FORMAT;
    size_t first = first_digit(&p), end = p.whole_len + p.fraction_len;
    if (first == end)
        return 0;
    while (digit_at(&p, end - 1) == '0')
        end--;
    /* the last digit that isn't zero stands so many places behind the point */
    int64_t places = (int64_t)end - (int64_t)p.whole_len - p.exponent;
    int64_t zeros = places < 0 ? -places : 0;
    if ((int64_t)(end - first) + zeros > DECIMAL_DIGITS || places > DECIMAL_DIGITS)
        return ERR_LIMIT;
    for (size_t i = first; i < end; i++)
        out->units = out->units * 10 + (digit_at(&p, i) - '0');
    for (; zeros > 0; zeros--)
        out->units *= 10;
    out->scale = places > 0 ? (int)places : 0;
    if (p.negative)
        out->units = -out->units;
    return 0;
}

struct decimal decimal_of(int64_t units, int scale)
{
    return (struct decimal){units, scale};
}

/* False: it doesn't fit; A is as it was. */
static bool scale_up(struct decimal *a, int scale)
{
    struct decimal up = *a;
    for (; up.scale < scale; up.scale++)
        if (__builtin_mul_overflow(up.units, (__int128)10, &up.units))
            return false;
    *a = up;
    return true;
}

static struct decimal without_trailing_zeros(struct decimal a)
{
    while (a.scale > 0 && a.units % 10 == 0) {
        a.units /= 10;
        a.scale--;
    }
    return a;
}

int decimal_add(struct decimal *out, struct decimal a, struct decimal b)
{
    a = without_trailing_zeros(a);
    b = without_trailing_zeros(b);
    int scale = a.scale > b.scale ? a.scale : b.scale;
    struct decimal sum = {0, scale};
    if (!scale_up(&a, scale) || !scale_up(&b, scale) ||
        __builtin_add_overflow(a.units, b.units, &sum.units))
        return ERR_LIMIT;
    *out = sum;
    return 0;
}

int decimal_subtract(struct decimal *out, struct decimal a, struct decimal b)
{
    return decimal_add(out, a, decimal_negate(b));
}

int decimal_multiply(struct decimal *out, struct decimal a, struct decimal b)
{
    a = without_trailing_zeros(a);
    b = without_trailing_zeros(b);
    struct decimal product = {0, a.scale + b.scale};
    if (product.scale > 2 * DECIMAL_DIGITS ||
        __builtin_mul_overflow(a.units, b.units, &product.units))
        return ERR_LIMIT;
    *out = product;
    return 0;
}

struct decimal decimal_negate(struct decimal a)
{
    return (struct decimal){-a.units, a.scale};
}

struct decimal decimal_abs(struct decimal a)
{
    return a.units < 0 ? decimal_negate(a) : a;
}

struct decimal decimal_round(struct decimal a, int decimals)
{
    __int128 unit = 1;
    if (a.scale <= decimals)
        return a;
    for (int i = decimals; i < a.scale; i++)
        unit *= 10;
    __int128 rest = a.units % unit, whole = a.units / unit;
    if (rest < 0 ? -rest >= unit - -rest : rest >= unit - rest)
        whole += a.units < 0 ? -1 : 1;
    return (struct decimal){whole, decimals};
}

int decimal_sign(struct decimal a)
{
    return (a.units > 0) - (a.units < 0);
}

/* One that overflows while it is brought to the other's scale is the larger of the two by amount. */
int decimal_compare(struct decimal a, struct decimal b)
{
    a = without_trailing_zeros(a);
    b = without_trailing_zeros(b);
    if (!scale_up(&a, b.scale))
        return decimal_sign(a);
    if (!scale_up(&b, a.scale))
        return -decimal_sign(b);
    return (a.units > b.units) - (a.units < b.units);
}

int decimal_places(struct decimal a)
{
    return without_trailing_zeros(a).scale;
}

const char *decimal_format(struct decimal a, int decimals, char out[DECIMAL_TEXT_MAX])
{
    a = without_trailing_zeros(a);
    int places = a.scale > decimals ? a.scale : decimals;
    if (places > 2 * DECIMAL_DIGITS)
        places = 2 * DECIMAL_DIGITS;
    int missing = places - a.scale; /* zeros behind its last digit */
    unsigned __int128 left = a.units < 0 ? -(unsigned __int128)a.units : (unsigned __int128)a.units;
    char *p = out + DECIMAL_TEXT_MAX - 1;
    *p = '\0';
    for (int i = 0; i < places || left > 0 || i == places; i++) {
        if (i == places && places > 0)
            *--p = '.';
        if (i < missing) {
            *--p = '0';
            continue;
        }
        *--p = (char)('0' + (int)(left % 10));
        left /= 10;
    }
    if (a.units < 0)
        *--p = '-';
    memmove(out, p, strlen(p) + 1);
    return out;
}

const char *decimal_format_grouped(struct decimal a, int decimals, char out[DECIMAL_GROUPED_MAX])
{
    char plain[DECIMAL_TEXT_MAX], *to = out;
    const char *from = decimal_format(a, decimals, plain);
    if (*from == '-')
        *to++ = *from++;
    for (size_t left = strcspn(from, "."); left > 0; left--) {
        *to++ = *from++;
        if (left > 1 && left % 3 == 1)
            *to++ = ',';
    }
    memcpy(to, from, strlen(from) + 1);
    return out;
}

static void put_zeros(struct buffer *out, int64_t count)
{
    for (; count > 0; count--)
        buffer_put(out, "0");
}

static void put_digits(struct buffer *out, const struct number_parts *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        buffer_printf(out, "%c", digit_at(p, i));
}

/* The point stands behind so many of its digits; below zero, or beyond the last, zeros are missing. */
static void put_expanded(struct buffer *out, const struct number_parts *p, int64_t point)
{
    size_t count = p->whole_len + p->fraction_len, first = first_digit(p);
    if (point <= 0) {
        buffer_put(out, "0.");
        put_zeros(out, -point);
        put_digits(out, p, 0, count);
        return;
    }
    size_t whole = point > (int64_t)count ? count : (size_t)point;
    if (first < whole)
        put_digits(out, p, first, whole);
    else
        buffer_put(out, "0");
    put_zeros(out, point - (int64_t)whole);
    if (whole < count) {
        buffer_put(out, ".");
        put_digits(out, p, whole, count);
    }
}

void number_plain(struct buffer *out, const char *text, size_t len)
{
    struct number_parts p;
    bool known = take_apart(&p, text, len);
    int64_t shift = known && p.exponent < 0 ? -p.exponent : p.exponent;
    if (!known || (int64_t)len + shift > NUMBER_PLAIN_MAX) {
        REQUIRE(buffer_append(out, text, len) == 0);
        return;
    }
    bool zero = first_digit(&p) == p.whole_len + p.fraction_len;
    if (p.negative && !zero)
        buffer_put(out, "-");
    if (zero && p.exponent != 0)
        buffer_put(out, "0");
    else if (p.exponent == 0)
        REQUIRE(buffer_append(out, text + p.negative, len - p.negative) == 0);
    else
        put_expanded(out, &p, (int64_t)p.whole_len + p.exponent);
}
