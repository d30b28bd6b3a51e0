/* See invoice.h. */
#include "review/invoice.h"

#include "base/array.h"
#include "calendar/civil.h"
#include "tables/currency.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct day read_day(const struct cell *cell)
{
    struct civil date;
    if (role_cell_empty(cell))
        return (struct day){.state = DAY_NONE};
    if (civil_parse(cell->text, cell->len, &date) < 0)
        return (struct day){.state = DAY_BAD};
    return (struct day){.state = DAY_GIVEN, .number = civil_to_days(date)};
}

static void read_currency(struct invoice *v, const struct cell *cell)
{
    v->currency[0] = '\0';
    if (!role_cell_empty(cell) && cell->len == sizeof v->currency - 1) {
        for (size_t i = 0; i < cell->len; i++) {
            char c = cell->text[i];
            v->currency[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        }
        v->currency[cell->len] = '\0';
    }
    v->currency_known = currency_known(v->currency, strlen(v->currency));
    v->decimals = currency_decimals(v->currency, strlen(v->currency));
    if (!v->currency_known)
        v->currency[0] = '\0';
}

static bool contains(const struct cell *cell, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; !role_cell_empty(cell) && i + len <= cell->len; i++)
        if (strncasecmp(cell->text + i, word, len) == 0)
            return true;
    return false;
}

static void read_lines(struct invoice *v, const struct role_list *list)
{
    ARRAY_RESERVE(v->lines, v->line_capacity, list->count + 1);
    v->line_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        const struct cell *cells = list->rows[i].cells;
        v->lines[i] = (struct invoice_line){
            .n = list->rows[i].n,
            .quantity = amount_read(&cells[ROLE_LINES_QUANTITY - ROLE_LINES_QUANTITY]),
            .price = amount_read(&cells[ROLE_LINES_PRICE - ROLE_LINES_QUANTITY]),
            .amount = amount_read(&cells[ROLE_LINES_AMOUNT - ROLE_LINES_QUANTITY]),
            .tax = amount_read(&cells[ROLE_LINES_TAX - ROLE_LINES_QUANTITY]),
            .rate = amount_read(&cells[ROLE_LINES_RATE - ROLE_LINES_QUANTITY]),
        };
    }
}

static void read_taxes(struct invoice *v, const struct role_list *list)
{
    ARRAY_RESERVE(v->taxes, v->tax_capacity, list->count + 1);
    v->tax_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        const struct cell *cells = list->rows[i].cells;
        v->taxes[i] = (struct invoice_tax){
            .n = list->rows[i].n,
            .base = amount_read(&cells[ROLE_TAXES_BASE - ROLE_TAXES_BASE]),
            .rate = amount_read(&cells[ROLE_TAXES_RATE - ROLE_TAXES_BASE]),
            .amount = amount_read(&cells[ROLE_TAXES_AMOUNT - ROLE_TAXES_BASE]),
        };
    }
}

void invoice_read(struct invoice *v, const struct role_record *record)
{
    const struct role_value *values = record->values;
    v->record = record;
    v->net = amount_read(&values[ROLE_NET].cell);
    v->tax = amount_read(&values[ROLE_TAX].cell);
    v->total = amount_read(&values[ROLE_TOTAL].cell);
    v->tip = amount_read(&values[ROLE_TIP].cell);
    v->date = read_day(&values[ROLE_DATE].cell);
    v->due = read_day(&values[ROLE_DUE].cell);
    read_currency(v, &values[ROLE_CURRENCY].cell);
    v->is_receipt = contains(&values[ROLE_TYPE].cell, "receipt");
    v->is_credit = contains(&values[ROLE_TYPE].cell, "credit");
    read_lines(v, &record->lines);
    read_taxes(v, &record->taxes);
}

void invoice_release(struct invoice *v)
{
    free(v->lines);
    free(v->taxes);
    *v = (struct invoice){0};
}

bool invoice_gives(const struct invoice *v, enum role role)
{
    return !role_cell_empty(&v->record->values[role].cell);
}

bool invoice_lacks(const struct invoice *v, enum role role)
{
    return v->record->values[role].cell.kind != CELL_NONE && !invoice_gives(v, role);
}
