/* workbook_about.h - the last sheet of a workbook: what made it from what, what it holds differently from the
 * results, and which column is which field. */
#ifndef MB_WORKBOOK_WORKBOOK_ABOUT_H
#define MB_WORKBOOK_WORKBOOK_ABOUT_H

#include "base/error.h"
#include "tables/layout.h"

struct workbook_file;
struct workbook_counts;
struct left_out_notes;

struct workbook_fact {
    const char *name, *value; /* "Ledger", "/srv/invoices/ledger.db" */
};

struct workbook_about {
    const struct workbook_fact *facts; /* in this order */
    size_t fact_count;
};

/* A sheet whose columns are told. */
struct workbook_about_sheet {
    const char *name;
    const struct layout_table *table;
};

struct workbook_contents {
    const struct workbook_about_sheet *sheets;
    size_t sheet_count;
    bool names; /* headers are the columns' names */
    const struct workbook_counts *counts;
    const struct left_out_notes *notes; /* or NULL */
};

/* Writes ABOUT (NULL: nobody told) into the worksheet SHEET of F, which is empty. */
MUST_CHECK int workbook_about_write(struct workbook_file *f, size_t sheet,
                                    const struct workbook_about *about,
                                    const struct workbook_contents *contents, struct error *e);

#endif
