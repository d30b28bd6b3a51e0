/* export_review_tables.h - the tables of an export that are about reviewing: `_review`, a row a reason of each record
 * that needs or needed a person, which filled in is what `review import` takes; `_duplicates`, a row a record of each
 * family of duplicates that something exported belongs to, the original first whether it was exported or not. Without
 * reviews both have columns and no rows. Rows of export_own_tables.c, which says when each is called. */
#ifndef MB_EXPORT_EXPORT_REVIEW_TABLES_H
#define MB_EXPORT_EXPORT_REVIEW_TABLES_H

#include "base/error.h"
#include "tables/layout.h"

struct export_making;

enum { REVIEW_TABLES_COLUMNS_MOST = 24 };

size_t review_table_columns(const struct export_making *m, struct layout_column *out);
MUST_CHECK int review_table_rows(struct export_making *m, size_t place, struct error *e);

size_t duplicates_table_columns(const struct export_making *m, struct layout_column *out);
MUST_CHECK int duplicates_table_rows(struct export_making *m, size_t place, struct error *e);

#endif
