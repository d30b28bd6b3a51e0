/* table_sink.h - where the rows of an export go: a form of file (CSV, JSON lines, SQLite, workbook), or
 * several.
 *
 *   sink->kind->record(sink, &record, &e);          a record begins
 *   sink->kind->row(sink, table, cells, &e);        its rows: that of `documents` first, if it has one,
 *   ...                                             then those of each list, table by table in the
 *                                                   layout's order
 *   sink->kind->end(sink, &e);                      after the last record: all is written and synced,
 *                                                   still under its temporary name
 *   sink->kind->free(sink);                         at any time: what isn't finished is given up
 *
 * Functions return 0 or an error code with words in E that name the file; after an error only free.
 * Text of a cell belongs to the caller and is gone after the call. What a form has no room for is left
 * out and said in the left_out_notes that its sink was made with, at its end at the latest. */
#ifndef MB_TABLES_TABLE_SINK_H
#define MB_TABLES_TABLE_SINK_H

#include "base/error.h"
#include "tables/cell.h"
#include "tables/layout.h"
#include "tables/left_out_notes.h"

#include <stdbool.h>

/* What is to be said of one of a record's values: a form that can shows it beside the value. */
struct table_note {
    const char *path; /* "total_amount", "line_items[2].total_price" */
    const char *text;
};

struct table_record {
    const char *key;  /* d and 16 hex digits; of a part, /n behind it */
    const char *file; /* its name below results/, without .json, fit to be shown */
    bool has_fields;  /* it has a row in `documents`; else its lists and products' tables alone */
    const char *currency;           /* ISO 4217 as it was read, "" for none */
    const char *input;              /* where its file is now, as bytes; NULL: nobody knows */
    const struct table_note *notes; /* valid until the next record */
    size_t note_count;
};

struct table_sink;

struct table_sink_kind {
    int (*record)(struct table_sink *s, const struct table_record *r, struct error *e);
    /* CELLS: one for each column of the layout's TABLE. */
    int (*row)(struct table_sink *s, size_t table, const struct cell *cells, struct error *e);
    int (*end)(struct table_sink *s, struct error *e);
    void (*free)(struct table_sink *s);
};

struct table_sink {
    const struct table_sink_kind *kind;
};

#endif
