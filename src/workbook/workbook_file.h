/* workbook_file.h - a workbook as libxlsxwriter writes it: one file, its sheets, and whether all of it
 * has come onto the disk. What is particular to a sheet is in workbook_sheet.h, workbook_summary.h and
 * workbook_about.h.
 *
 *   workbook_file_open(&f, path, shown, tmpdir, created_s, &e)
 *   locale_t old = uselocale(f->locale);                for all that follows
 *   workbook_file_sheet(f, "Line items", &ws, &e)       in the order of their tabs; their rows may be
 *   rc = worksheet_...;                                 written in any order of sheets
 *   workbook_file_said(f, rc, ws, row, column, &e)      what a function of the library returned
 *   workbook_file_end(f, &e)                            written, looked over and synced
 *   uselocale(old);
 *   workbook_file_free(f)
 *
 * Memory doesn't grow with rows (constant_memory): the rows of a sheet ascend, and each sheet has an open
 * file without a name in TMPDIR. The library writes numbers as the locale has them (a row when the
 * next one begins), and doesn't look whether its writes succeed: hence the locale, and the look. Errors: ERR_IO, ERR_MEMORY, ERR_LIMIT. */
#ifndef MB_WORKBOOK_WORKBOOK_FILE_H
#define MB_WORKBOOK_WORKBOOK_FILE_H

#include "base/buffer.h"
#include "base/error.h"
#include "workbook/workbook_styles.h"

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>

enum { WORKBOOK_SHEETS_MOST = 250 /* each has a file open */ };

struct workbook_file {
    lxw_workbook *lib;
    struct workbook_styles styles;
    struct workbook_styles tinted; /* the same, of values that people corrected */
    locale_t locale;
    char *path, *shown, *tmpdir;
    lxw_worksheet *sheets[WORKBOOK_SHEETS_MOST];
    int64_t rows[WORKBOOK_SHEETS_MOST]; /* their bytes, once all are written */
    size_t sheet_count;
    struct buffer text, plain; /* for whoever makes a text or a number fit just now */
};

MUST_CHECK int workbook_file_open(struct workbook_file **out, const char *path, const char *shown,
                                  const char *tmpdir, int64_t created_s, struct error *e);
MUST_CHECK int workbook_file_sheet(struct workbook_file *f, const char *name, lxw_worksheet **out,
                                   struct error *e);
/* 0 for LXW_NO_ERROR; else the code, and words with the place in E. Row and column from 0. */
MUST_CHECK int workbook_file_said(const struct workbook_file *f, lxw_error rc,
                                  const lxw_worksheet *ws, lxw_row_t row, lxw_col_t column,
                                  struct error *e);
/* Whether the rows of WS that have been written so far are in its file. */
MUST_CHECK int workbook_file_holds(const struct workbook_file *f, const lxw_worksheet *ws,
                                   struct error *e);
MUST_CHECK int workbook_file_end(struct workbook_file *f, struct error *e);
void workbook_file_free(struct workbook_file *f);

#endif
