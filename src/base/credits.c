/* See credits.h. */
#include "base/credits.h"
#include "base/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct credits credits_of(int64_t count)
{
    return (struct credits){count * CREDIT_MICROS};
}

int credits_parse(const char *text, struct credits *out)
{
    int64_t n = 0;
    int behind = -1; /* digits behind the point; -1: there was none */
    if (!isdigit((unsigned char)*text))
        return ERR_FORMAT;
    for (; *text; text++) {
        if (*text == '.' && behind < 0) {
            behind = 0;
            continue;
        }
        if (!isdigit((unsigned char)*text) || behind == CREDIT_DECIMALS)
            return ERR_FORMAT;
        if (n > CREDITS_MAX * CREDIT_MICROS / 10)
            return ERR_LIMIT;
        n = n * 10 + (*text - '0');
        behind += behind >= 0;
    }
    if (behind == 0)
        return ERR_FORMAT;
    for (behind = behind < 0 ? 0 : behind; behind < CREDIT_DECIMALS; behind++) {
        if (n > CREDITS_MAX * CREDIT_MICROS / 10)
            return ERR_LIMIT;
        n *= 10;
    }
    if (n > CREDITS_MAX * CREDIT_MICROS)
        return ERR_LIMIT;
    out->micro = n;
    return 0;
}

struct credits credits_add(struct credits a, struct credits b)
{
    return (struct credits){a.micro + b.micro};
}

struct credits credits_for(int64_t pages, struct credits price)
{
    return (struct credits){pages * price.micro};
}

/* What is behind the point, without the zeros at its end; "" of a whole amount. */
static const char *fraction(struct credits c, char out[CREDIT_DECIMALS + 2])
{
    int64_t part = c.micro % CREDIT_MICROS;
    size_t len =
        (size_t)snprintf(out, CREDIT_DECIMALS + 2, ".%06d", (int)(part < 0 ? -part : part));
    while (len > 1 && out[len - 1] == '0')
        len--;
    out[len == 1 ? 0 : len] = '\0';
    return out;
}

/* Less than a credit below zero has no whole part that could carry the sign. */
static const char *sign(struct credits c)
{
    return c.micro < 0 && c.micro > -CREDIT_MICROS ? "-" : "";
}

const char *credits_plain(struct credits c, char out[CREDITS_TEXT_MAX])
{
    char behind[CREDIT_DECIMALS + 2];
    snprintf(out, CREDITS_TEXT_MAX, "%s%" PRId64 "%s", sign(c), c.micro / CREDIT_MICROS,
             fraction(c, behind));
    return out;
}

const char *credits_format(struct credits c, char out[CREDITS_TEXT_MAX])
{
    char behind[CREDIT_DECIMALS + 2], whole[UNITS_TEXT_MAX];
    snprintf(out, CREDITS_TEXT_MAX, "%s%s%s", sign(c), count_format(c.micro / CREDIT_MICROS, whole),
             fraction(c, behind));
    return out;
}
