/* workbook_sheet.h - a sheet that is a table: a header, then rows of typed cells. Lists have one each;
 * whatever else is a table of cells with typed columns can have one too.
 *
 *   workbook_sheet_begin(&s, file, &spec, &e)
 *   workbook_sheet_row(&s, cells, decimals, link, &e)    again and again
 *   workbook_sheet_end(&s, &e)                           filter and print set-up: the last row is known
 *   workbook_sheet_release(&s)
 *
 * What a cell can't hold as it is goes into the counts, which all sheets of a workbook share. */
#ifndef MB_WORKBOOK_WORKBOOK_SHEET_H
#define MB_WORKBOOK_WORKBOOK_SHEET_H

#include "tables/cell.h"
#include "tables/layout.h"
#include "tables/table_sink.h"
#include "workbook/workbook_file.h"
#include "workbook/workbook_titles.h"

enum {
    WORKBOOK_ROWS_MOST = LXW_ROW_MAX - 1, /* below the header */
    WORKBOOK_COLUMNS_MOST = LXW_COL_MAX,
    WORKBOOK_LINKS_MOST = 4000, /* a sheet: the library needs 2.8 KB of memory for each */
};

struct workbook_counts {
    int64_t long_numbers; /* more digits than Excel holds: they are text */
    int64_t cut_texts;
    char first_cut[160];   /* where: "sheet Line items, row 17, column Description" */
    int64_t links_without; /* files whose path isn't a link, for there are too many */
};

struct workbook_sheet_spec {
    const char *name; /* taken (workbook_titles.h) */
    const struct layout_table *table;
    bool names;     /* headers are the columns' names, not made friendly */
    int lines_most; /* that a row is high; what has more is seen when its cell is chosen */
};

struct workbook_sheet {
    struct workbook_file *file;
    const struct workbook_styles *styles; /* of the cell at hand: the file's, or its tinted ones */
    lxw_worksheet *ws;
    const struct layout_table *table;
    struct workbook_counts *counts;
    char name[SHEET_NAME_MAX];
    size_t columns;        /* that it has room for */
    int *widths;           /* in characters */
    size_t keys;           /* columns that stay in sight */
    lxw_row_t rows;        /* the header is one */
    int lines_most, lines; /* of any row, and of this one */
    int64_t links;
    const struct table_note *notes; /* of the record at hand */
    size_t note_count;
};

MUST_CHECK int workbook_sheet_begin(struct workbook_sheet *s, struct workbook_file *file,
                                    const struct workbook_sheet_spec *spec,
                                    struct workbook_counts *counts, struct error *e);
/* Of the rows that follow: a value that one is of is tinted, and has it as a comment. */
void workbook_sheet_notes(struct workbook_sheet *s, const struct table_note *notes, size_t count);
/* DECIMALS: of amounts. LINK: of the column _file; NULL: none. */
MUST_CHECK int workbook_sheet_row(struct workbook_sheet *s, const struct cell *cells, int decimals,
                                  const char *link, struct error *e);
MUST_CHECK int workbook_sheet_end(struct workbook_sheet *s, struct error *e);
void workbook_sheet_release(struct workbook_sheet *s);

/* The header of each column that has room, in the same words as on the sheet; OUT is cleared. */
void workbook_sheet_header(struct buffer *out, const struct layout_table *table, size_t column,
                           bool names);

#endif
