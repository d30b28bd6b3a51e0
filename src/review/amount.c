/* See amount.h. */
#include "review/amount.h"

struct amount amount_read(const struct cell *cell)
{
    struct amount a = {.state = AMOUNT_NONE};
    size_t from = 0, len = cell->len;
    if (cell->kind == CELL_NONE || cell->kind == CELL_NULL)
        return a;
    while (len && (cell->text[from + len - 1] == ' ' || cell->text[from + len - 1] == '\n'))
        len--;
    while (len && (cell->text[from] == ' ' || cell->text[from] == '\n')) {
        from++;
        len--;
    }
    if (len == 0)
        return a;
    a.state = decimal_parse(&a.number, cell->text + from, len) == 0 ? AMOUNT_GIVEN : AMOUNT_BAD;
    return a;
}

struct sum sum_zero(void)
{
    return (struct sum){0};
}

struct sum sum_of(struct decimal a)
{
    return (struct sum){.value = a};
}

void sum_add(struct sum *s, struct decimal a)
{
    s->over = s->over || decimal_add(&s->value, s->value, a) < 0;
}

void sum_subtract(struct sum *s, struct decimal a)
{
    s->over = s->over || decimal_subtract(&s->value, s->value, a) < 0;
}

void sum_multiply(struct sum *s, struct decimal a)
{
    s->over = s->over || decimal_multiply(&s->value, s->value, a) < 0;
}

bool sum_within(const struct sum *s, const struct sum *tolerance)
{
    return !s->over && !tolerance->over &&
           decimal_compare(decimal_abs(s->value), tolerance->value) <= 0;
}

struct sum halves_of_unit(int64_t count, int decimals)
{
    return sum_of(decimal_of(count * 5, decimals + 1));
}

struct sum rate_factor(struct decimal rate, bool plus_one)
{
    const struct decimal one = decimal_of(1, 0);
    struct sum s = sum_of(rate);
    if (decimal_compare(rate, one) > 0)
        sum_multiply(&s, decimal_of(1, 2));
    if (plus_one)
        sum_add(&s, one);
    return s;
}
