/* value_facts.h - what one value says of its column. */
#ifndef MB_TABLES_VALUE_FACTS_H
#define MB_TABLES_VALUE_FACTS_H

#include "tables/cell.h"
#include "tables/columns.h"

struct value_facts {
    unsigned saw;        /* an enum column_saw */
    int decimals, width; /* see layout.h */
};

/* V has a value: it isn't CELL_NONE or CELL_NULL. */
struct value_facts value_facts(const struct cell *v);

/* Its text, cut at a character so that it fits; a NUL in it becomes a blank. */
void value_example(const struct cell *v, char out[COLUMN_EXAMPLE_MAX]);

/* A real day, YYYY-MM-DD. */
bool value_is_date(const char *text, size_t len);

#endif
