/* workbook_titles.h - what a person reads above a column and on a sheet's tab.
 *
 *   workbook_header(&out, "supplier_address.city")          "Supplier address · city"
 *   struct sheet_names names = {0};
 *   sheet_name_take(&names, "Summary", true, name)          a sheet of ours
 *   sheet_name_take(&names, "Line items", false, name)      a list's; again: "Line items (2)"
 *   sheet_names_release(&names)
 *
 * A sheet's name has at most 31 UTF-16 units, none of []:*?/\', is unique without regard to case, isn't
 * one that Excel or a later sheet of ours has (a list called Review is "Review list"), and can't be taken for
 * a cell's (a list called Tax1 neither). */
#ifndef MB_WORKBOOK_WORKBOOK_TITLES_H
#define MB_WORKBOOK_WORKBOOK_TITLES_H

#include "base/buffer.h"

#include <stdbool.h>

/* OUT becomes the header for a column of a table, or the name for a table. */
void workbook_header(struct buffer *out, const char *name);

/* Less than 31 characters may have: the library repeats a sheet's name in texts of 127 bytes. */
enum {
    SHEET_NAME_MAX = 51, /* bytes, with the NUL */
    SHEET_NAME_UNITS = 31,
    SHEET_NAME_FOLDED_MAX = 160,
};

struct sheet_names {
    char (*folded)[SHEET_NAME_FOLDED_MAX];
    size_t count;
};

/* NAME becomes WANTED or what comes next to it. OURS: one of those that lists can't have. */
void sheet_name_take(struct sheet_names *s, const char *wanted, bool ours,
                     char name[SHEET_NAME_MAX]);
void sheet_names_release(struct sheet_names *s);

#endif
