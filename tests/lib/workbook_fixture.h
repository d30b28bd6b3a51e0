/* workbook_fixture.h - a month of invoices as a workbook: in three currencies, with credit notes, addresses of
 * several lines, long descriptions and files in folders. The same number of documents gives the same rows. */
#ifndef MB_TESTS_WORKBOOK_FIXTURE_H
#define MB_TESTS_WORKBOOK_FIXTURE_H

#include "workbook/workbook.h"

#include <stdbool.h>

extern const struct layout
    workbook_fixture_layout; /* documents, line_items, taxes, splits (empty) */

struct workbook_fixture_sums {
    long long records, lines;
    long long eur, usd, jpy; /* totals, in their smallest units */
};

/* Writes DOCUMENTS documents and what is told of them to SINK, and ends it: 0, or its error code. */
int workbook_fixture_write(struct table_sink *sink, int documents,
                           struct workbook_fixture_sums *sums, struct error *e);

#endif
