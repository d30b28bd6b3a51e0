/* export_flat.h - an export with a row a line of one list: the columns of its record stand in each of them,
 * the list's behind, as "line_items.quantity". A record without lines has one row. `_first` is 1 on the first
 * row of a record and 0 on the others, so that amounts of records can still be added up. */
#ifndef MB_EXPORT_EXPORT_FLAT_H
#define MB_EXPORT_EXPORT_FLAT_H

#include "base/error.h"
#include "tables/cell.h"
#include "tables/layout.h"

struct export_flat;

/* Takes a row that is whole. 0 or an error code. */
typedef int export_flat_write(void *ctx, const struct cell *cells);

/* LAYOUT, which outlives it, has documents and LIST. ERR_USAGE: there is no such list. */
MUST_CHECK int export_flat_new(struct export_flat **out, const struct layout *layout,
                               const char *list, export_flat_write *write, void *ctx,
                               struct error *e);
void export_flat_free(struct export_flat *f); /* fine on NULL */
const struct layout *export_flat_layout(const struct export_flat *f);

/* A row of TABLE of the layout it was made from; then, at the record's end: it is written, if there was
 * no line. */
MUST_CHECK int export_flat_row(struct export_flat *f, size_t table, const struct cell *cells);
MUST_CHECK int export_flat_end(struct export_flat *f);

#endif
