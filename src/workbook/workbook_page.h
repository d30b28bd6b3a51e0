/* workbook_page.h - a sheet that is written by hand, cell by cell, from the top: Summary, About. The first
 * error is kept, and what comes after it is passed over, so that a page reads as it looks. */
#ifndef MB_WORKBOOK_WORKBOOK_PAGE_H
#define MB_WORKBOOK_WORKBOOK_PAGE_H

#include "workbook/workbook_file.h"

struct workbook_page {
    struct workbook_file *file;
    lxw_worksheet *ws;
    lxw_row_t row; /* where the next cell goes; it only grows */
    int rc;
    struct error *e;
};

void workbook_page_begin(struct workbook_page *p, struct workbook_file *f, size_t sheet,
                         struct error *e);
/* A text; one that is cut isn't counted. "" has the style alone, NULL nothing. */
void workbook_page_text(struct workbook_page *p, int column, enum workbook_style style,
                        const char *text);
void workbook_page_number(struct workbook_page *p, int column, enum workbook_style style,
                          double number);
/* An exact amount, "1881.30": a number if Excel holds it, else text. */
void workbook_page_amount(struct workbook_page *p, int column, int decimals, const char *amount);
/* A heading over COLUMNS columns, and the rows below it begin. */
void workbook_page_section(struct workbook_page *p, const char *title, int columns);
/* What a function of the library returned, which was called for the page. */
void workbook_page_said(struct workbook_page *p, lxw_error said);
/* The width in characters of columns, from the first on. */
void workbook_page_widths(struct workbook_page *p, const int *widths, int count);
/* A4, one page wide, with page numbers. */
void workbook_page_print(struct workbook_page *p, int columns);

#endif
