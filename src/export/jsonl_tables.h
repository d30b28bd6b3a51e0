/* jsonl_tables.h - an export as JSON lines, an object a record:
 *
 *   {"record":{"_record":"d0123…","_file":"a.pdf",…},"values":{"total_amount":1881.30,…},
 *    "tables":{"line_items":[{"_n":1,"description":"…"}]}}
 *
 * (in one line). `record` has our own columns, `values` those that were read, with the names of CSV. Numbers
 * are as they were sent, and so are true, false, null and ""; what wasn't sent isn't there. Rows have no
 * `_record`: it is their object's. */
#ifndef MB_EXPORT_JSONL_TABLES_H
#define MB_EXPORT_JSONL_TABLES_H

#include "export/export_files.h"
#include "tables/table_sink.h"

#include <stdio.h>

/* LAYOUT lives as long as the sink. */
struct table_sink *jsonl_tables_to_file(const struct layout *layout, struct export_file *file);
/* The stream is flushed at the end; SHOWN: what it is called in messages. */
struct table_sink *jsonl_tables_to_stream(const struct layout *layout, FILE *stream,
                                          const char *shown);

#endif
