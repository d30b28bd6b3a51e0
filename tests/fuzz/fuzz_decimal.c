/* Any two texts, divided at the first blank, as numbers: each is written without an exponent to what reads as the
 * same number, and what can be computed of both agrees with itself. */
#include "base/decimal.h"
#include "base/error.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t len)
{
    struct buffer plain;
    struct decimal d, again;
    char out[DECIMAL_TEXT_MAX];
    buffer_init(&plain, 0);
    number_plain(&plain, text, len);
    REQUIRE(plain.len <= (len > NUMBER_PLAIN_MAX ? len : NUMBER_PLAIN_MAX));
    if (decimal_parse(&d, text, len) == 0) {
        REQUIRE(decimal_parse(&again, buffer_text(&plain), plain.len) == 0);
        REQUIRE(decimal_compare(d, again) == 0);
        decimal_format(d, 0, out);
        REQUIRE(strlen(out) < DECIMAL_TEXT_MAX && decimal_parse(&again, out, strlen(out)) == 0);
        REQUIRE(decimal_compare(d, again) == 0);
    }
    buffer_release(&plain);
}

static void check_sums(struct decimal a, struct decimal b)
{
    struct decimal sum, back, product, other;
    int order = decimal_compare(a, b);
    REQUIRE(decimal_compare(b, a) == -order);
    if (decimal_add(&sum, a, b) == 0 && decimal_subtract(&back, sum, b) == 0)
        REQUIRE(decimal_compare(back, a) == 0);
    if (decimal_subtract(&back, a, b) == 0)
        REQUIRE(decimal_sign(back) == order);
    int r = decimal_multiply(&product, a, b);
    REQUIRE(decimal_multiply(&other, b, a) == r);
    REQUIRE(r < 0 || (decimal_compare(product, other) == 0 &&
                      decimal_sign(product) == decimal_sign(a) * decimal_sign(b)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct decimal a, b;
    REQUIRE(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    const char *blank = memchr(text, ' ', size);
    size_t first = blank ? (size_t)(blank - text) : size, second = blank ? size - first - 1 : 0;
    check_text(text, first);
    check_text(text + size - second, second);
    if (decimal_parse(&a, text, first) == 0 && decimal_parse(&b, text + size - second, second) == 0)
        check_sums(a, b);
    free(text);
    return 0;
}
