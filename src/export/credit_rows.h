/* credit_rows.h - what a ledger cost (ledger/billing.h), added up by day, period and model, and as rows of a
 * table: of the command `credits`, and of `_credits` in an export.
 *
 *   ledger_read_begin(l);                            all of it at one moment
 *   ledger_counts(l, &counts);
 *   credit_rows_read(&rows, l, &options, &e);
 *   ledger_read_end(l);
 *   credit_rows_check(&rows, &counts, &e);           where everything was asked for
 *   for i < rows.count: credit_row_cells(&rows, i, by, &text, cells)
 *   credit_rows_release(&rows);
 *
 * Memory: a row for each day, period and model that there was; it doesn't grow with the documents. */
#ifndef MB_EXPORT_CREDIT_ROWS_H
#define MB_EXPORT_CREDIT_ROWS_H

#include "calendar/zone.h"
#include "ledger/billing.h"
#include "tables/cell.h"
#include "tables/layout.h"

enum credit_by { CREDITS_BY_DAY = 1, CREDITS_BY_PERIOD = 2, CREDITS_BY_MODEL = 4 };
enum { CREDITS_BY_ALL = 7, CREDITS_COLUMNS_MOST = 20 };

struct credit_options {
    unsigned by;             /* of enum credit_by; 0: one row */
    const struct zone *zone; /* whose days */
    struct credits price;    /* of a page: of what was never sent */
    /* The selection. */
    const char *period;       /* NULL: any */
    struct wall since;        /* uploads begun then or later; 0: any */
    const int64_t *documents; /* these alone, ascending; NULL: all */
    size_t document_count;
};

struct credit_row {
    struct civil day; /* in the zone, if it was asked for */
    const char *period, *product, *model;
    struct bill bill;
    struct credits confirmed_utc; /* of the day of that date in UTC */
};

struct credit_names;
struct credit_rows {
    const struct zone *zone;
    struct credit_row *rows; /* by day, period, product, model; owned */
    size_t count, capacity;
    struct bill sum;
    struct credit_names *names; /* what the rows point to */
};

/* OUT is to be released either way. The zone outlives it. */
MUST_CHECK int credit_rows_read(struct credit_rows *out, struct ledger *l,
                                const struct credit_options *options, struct error *e);
void credit_rows_release(struct credit_rows *r);
/* ERR_DAMAGED: the rows don't add up to what the ledger's numbers say, in words. */
MUST_CHECK int credit_rows_check(const struct credit_rows *r, const struct ledger_counts *counts,
                                 struct error *e);

/* The columns of a table of rows that were asked for BY; returns how many. */
size_t credit_columns(unsigned by, struct layout_column out[CREDITS_COLUMNS_MOST]);
/* As wide and with as many decimals as the rows need. */
size_t credit_columns_fit(const struct credit_rows *r, unsigned by,
                          struct layout_column out[CREDITS_COLUMNS_MOST]);
/* Room for the texts of a row's cells. */
struct credit_cells {
    struct cell cells[CREDITS_COLUMNS_MOST];
    char texts[CREDITS_COLUMNS_MOST][CREDITS_TEXT_MAX];
};
void credit_row_cells(const struct credit_rows *r, const struct credit_row *row, unsigned by,
                      struct credit_cells *out);

#endif
