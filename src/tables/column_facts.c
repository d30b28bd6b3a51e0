/* What columns have held, see columns.h. Facts only grow, so that they are the same whatever order results come in;
 * the example is the oldest result's. */
#include "tables/columns_internal.h"
#include "tables/flat_document.h"
#include "tables/value_facts.h"

#include <string.h>

static void learn_result(struct column *to, int64_t first, int64_t last)
{
    if (first && (!to->first_result || first < to->first_result))
        to->first_result = first;
    if (last > to->last_result)
        to->last_result = last;
}

void columns_learn(struct columns *c, uint32_t column, const struct column *known)
{
    REQUIRE(column < c->column_count);
    struct column *to = &c->columns[column];
    bool older = known->first_result && known->first_result < to->first_result;
    to->saw |= known->saw;
    if (known->decimals > to->decimals)
        to->decimals = known->decimals;
    if (known->width > to->width)
        to->width = known->width;
    to->filled += known->filled;
    if (*known->example && (!*to->example || older))
        memcpy(to->example, known->example, sizeof to->example);
    learn_result(to, known->first_result, known->last_result);
}

void columns_see(struct columns *c, const struct flat_document *doc, int64_t result_id)
{
    for (size_t i = 0; i < doc->cell_count; i++) {
        const struct flat_cell *cell = &doc->cells[i];
        if (cell->value.kind == CELL_NONE || cell->value.kind == CELL_NULL)
            continue;
        REQUIRE(cell->column < c->column_count);
        struct column *column = &c->columns[cell->column];
        struct value_facts facts = value_facts(&cell->value);
        column->saw |= facts.saw;
        if (facts.decimals > column->decimals)
            column->decimals = facts.decimals;
        if (facts.width > column->width)
            column->width = facts.width;
        column->filled++;
        if (!*column->example || (result_id && result_id < column->first_result))
            value_example(&cell->value, column->example);
        learn_result(column, result_id, result_id);
    }
}
