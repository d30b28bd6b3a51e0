/* See value_facts.h. */
#include "tables/value_facts.h"

#include "base/decimal.h"

#include <limits.h>
#include <string.h>

static int digits(const char *text, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool value_is_date(const char *text, size_t len)
{
    if (len != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
}

static int bounded(size_t n)
{
    return n > INT_MAX ? INT_MAX : (int)n;
}

static size_t characters(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

/* As it is written in a table: without an exponent. */
static struct value_facts number_facts(const char *text, size_t len)
{
    struct value_facts f = {.saw = COLUMN_SAW_NUMBER};
    struct buffer plain;
    buffer_init(&plain, 0);
    if (memchr(text, 'e', len) || memchr(text, 'E', len)) {
        number_plain(&plain, text, len);
        text = buffer_text(&plain);
        len = plain.len;
    }
    const char *point = memchr(text, '.', len), *e = memchr(text, 'e', len);
    if (!e)
        e = memchr(text, 'E', len);
    f.width = bounded(len);
    if (point && !e)
        f.decimals = bounded(len - (size_t)(point - text) - 1);
    buffer_release(&plain);
    return f;
}

struct value_facts value_facts(const struct cell *v)
{
    struct value_facts f = {0};
    switch (v->kind) {
    case CELL_NUMBER:
        return number_facts(v->text, v->len);
    case CELL_BOOLEAN:
        f.saw = COLUMN_SAW_BOOLEAN;
        break;
    case CELL_JSON:
        f.saw = COLUMN_SAW_JSON;
        break;
    default:
        f.saw = value_is_date(v->text, v->len) ? COLUMN_SAW_DATE : COLUMN_SAW_TEXT;
    }
    f.width = bounded(characters(v->text, v->len));
    return f;
}

void value_example(const struct cell *v, char out[COLUMN_EXAMPLE_MAX])
{
    size_t len = v->len < COLUMN_EXAMPLE_MAX ? v->len : COLUMN_EXAMPLE_MAX - 1;
    while (len < v->len && len > 0 && ((unsigned char)v->text[len] & 0xc0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        out[i] = v->text[i] ? v->text[i] : ' ';
    out[len] = '\0';
}
