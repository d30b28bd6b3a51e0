/* workbook.h - an export as a workbook that opens as one would have made it by hand: Summary, Documents
 * (Invoices, if they have an invoice number), a sheet a list, About.
 *
 *   workbook_tables_new(&sink, &options, layout, notes, &e)
 *   sink->kind->record, ->row ...                           table_sink.h
 *   workbook_tell(sink, &summary, &about)                   before the end: they are known after the last record
 *   sink->kind->end(sink, &e)
 *   for i < workbook_tab_count(sink): workbook_tab(sink, i)   what the manifest says of its sheets
 *   sink->kind->free(sink)
 *
 * Tables whose names begin with an underscore are ours: `_review` has the sheet Review.
 * Numbers have at most 15 digits, dates begin on 1900-03-01, all else is text; no cell is a formula. What has no
 * room (rows aside, which go on in "Line items (2)") is said in the notes: columns over 16,384, lists over
 * 240, what is behind the 32,767th character of a text. The same rows, summary and time give the same
 * bytes, whatever the locale. */
#ifndef MB_WORKBOOK_WORKBOOK_H
#define MB_WORKBOOK_WORKBOOK_H

#include "tables/table_sink.h"
#include "workbook/workbook_about.h"
#include "workbook/workbook_summary.h"

#include <stdint.h>

struct workbook_options {
    const char *path;  /* where it is written: a temporary name, made 0600 if it isn't there */
    const char *shown; /* for messages: its final name */
    const char
        *directory;     /* the final one: links to files begin there, temporary files are there */
    bool names;         /* headers are the columns' names, as in CSV */
    int64_t created_s;  /* the file's own date, UTC */
    uint32_t rows_most; /* a sheet; 0: what Excel has */
};

/* LAYOUT and NOTES outlive the sink; the options needn't. */
MUST_CHECK int workbook_tables_new(struct table_sink **out, const struct workbook_options *o,
                                   const struct layout *layout, struct left_out_notes *notes,
                                   struct error *e);
/* Both, and what they point to, stay valid until the end. */
void workbook_tell(struct table_sink *s, const struct workbook_summary *summary,
                   const struct workbook_about *about);

struct workbook_tab {
    const char *name;  /* the sheet's */
    const char *table; /* of the layout */
    int64_t rows;
};
size_t workbook_tab_count(const struct table_sink *s);
struct workbook_tab workbook_tab(const struct table_sink *s, size_t i);

#endif
