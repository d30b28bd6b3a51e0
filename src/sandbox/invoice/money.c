/* All values are positive and below 10^12, so that no product here leaves 64 bits; a broken bound
 * is a bug in our own tables. A number becomes text by splitting the integer,
 * never through a double. */
#include "sandbox/invoice/money.h"
#include "base/require.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t divide_half_up(int64_t value, int64_t by)
{
    REQUIRE(value >= 0 && by > 0);
    return (value + by / 2) / by;
}

int64_t money_line_total(int64_t quantity_milli, int64_t unit_price)
{
    return divide_half_up(quantity_milli * unit_price, 1000);
}

int64_t money_tax(int64_t base, int64_t rate_e5)
{
    return divide_half_up(base * rate_e5, 100000);
}

/* "1.234,50": VALUE has SCALE decimals, of which trailing zeros beyond MIN_DECIMALS
 * are left out. */
static void decimal_text(int64_t value, int scale, int min_decimals, const char *group,
                         const char *point, char out[MONEY_TEXT_MAX])
{
    REQUIRE(value >= 0 && scale >= 0 && scale <= 6);
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%0*" PRId64, scale + 1, value);
    int whole = n - scale, decimals = scale;
    while (decimals > min_decimals && digits[whole + decimals - 1] == '0')
        decimals--;
    struct buffer b;
    buffer_init(&b, 0);
    for (int i = 0; i < whole; i++)
        buffer_printf(&b, "%s%c", i > 0 && (whole - i) % 3 == 0 ? group : "", digits[i]);
    if (decimals > 0)
        buffer_printf(&b, "%s%.*s", point, decimals, digits + whole);
    REQUIRE(text_copy(out, MONEY_TEXT_MAX, buffer_text(&b)));
    buffer_release(&b);
}

const char *money_show_bare(const struct money_style *m, int64_t minor, char out[MONEY_TEXT_MAX])
{
    decimal_text(minor, m->decimals, m->decimals, m->group, m->point, out);
    return out;
}

const char *money_show(const struct money_style *m, int64_t minor, char out[MONEY_TEXT_MAX])
{
    char bare[MONEY_TEXT_MAX];
    int n = snprintf(out, MONEY_TEXT_MAX, "%s%s%s", m->prefix, money_show_bare(m, minor, bare),
                     m->suffix);
    REQUIRE(n > 0 && n < MONEY_TEXT_MAX);
    return out;
}

const char *quantity_show(const struct money_style *m, int64_t milli, char out[MONEY_TEXT_MAX])
{
    decimal_text(milli, 3, 0, m->group, m->point, out);
    return out;
}

const char *rate_show(const struct money_style *m, int64_t rate_e5, char out[MONEY_TEXT_MAX])
{
    decimal_text(rate_e5, 3, 0, "", m->point, out);
    size_t len = strlen(out);
    snprintf(out + len, MONEY_TEXT_MAX - len, " %%");
    return out;
}

const char *scaled_json(int64_t scaled, int scale, char out[MONEY_TEXT_MAX])
{
    decimal_text(scaled, scale, scale > 0 ? 1 : 0, "", ".", out);
    if (scale == 0)
        strcat(out, ".0"); /* MONEY_TEXT_MAX holds any number of 64 bits thrice */
    return out;
}
