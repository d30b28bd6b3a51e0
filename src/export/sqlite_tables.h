/* sqlite_tables.h - an export as an SQLite database: a table a table, with the names of CSV.
 *
 * Values are TEXT, so that numbers stay what they are; our own whole numbers are INTEGER. Null is NULL, "" is
 * "". `_record` has an index. A table with numbers has a view beside it, `line_items_num`, in which they are
 * REAL, for quick sums. `about` (name, value) says what the file is. Names that differ by case alone get
 * ~2. */
#ifndef MB_EXPORT_SQLITE_TABLES_H
#define MB_EXPORT_SQLITE_TABLES_H

#include "export/export_files.h"
#include "tables/table_sink.h"

struct sqlite_about {
    const char *name, *value;
};

/* LAYOUT lives as long as the sink. ABOUT is ended by one without a name. NOTES: the columns and tables for
 * which there is no room (NULL: nobody asks). */
MUST_CHECK int sqlite_tables_new(struct table_sink **out, const struct layout *layout,
                                 struct export_file *file, const struct sqlite_about *about,
                                 struct left_out_notes *notes, struct error *e);

#endif
