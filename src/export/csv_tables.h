/* csv_tables.h - an export as CSV: a file a table, or one table alone. The first row has the columns'
 * names.
 *
 * A table's file is called after it, "line_items-2026-11.csv" with the SUFFIX "-2026-11": what a file
 * system refuses is written %2F, a name that is too long is cut and marked (name_cut.h), one that
 * differs from another by case alone gets ~2. */
#ifndef MB_EXPORT_CSV_TABLES_H
#define MB_EXPORT_CSV_TABLES_H

#include "export/export_files.h"
#include "format/csv_profile.h"
#include "tables/table_sink.h"

#include <stdio.h>

enum {
    CSV_TABLES_MOST = 1000 /* files of an export; the tables after them are left out, and said */
};

/* LAYOUT and FILES live as long as the sink. NOTES: what is left out (NULL: nobody asks). */
MUST_CHECK int csv_tables_new(struct table_sink **out, const struct layout *layout,
                              const struct csv_profile *profile, struct export_files *files,
                              const char *suffix, struct left_out_notes *notes, struct error *e);
/* TABLE alone, to a file that was added to a set; rows of other tables are passed over. */
struct table_sink *csv_table_to_file(const struct layout *layout, size_t table,
                                     const struct csv_profile *profile, struct export_file *file,
                                     struct left_out_notes *notes);
/* The same to a stream, which is flushed at the end; SHOWN: what it is called in messages. */
struct table_sink *csv_table_to_stream(const struct layout *layout, size_t table,
                                       const struct csv_profile *profile, FILE *stream,
                                       const char *shown, struct left_out_notes *notes);

#endif
