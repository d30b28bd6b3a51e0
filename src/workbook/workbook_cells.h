/* workbook_cells.h - what a cell of a workbook can hold: text, numbers, dates and links made fit, pure.
 *
 * Excel's limits decide here: a text has 32,767 UTF-16 units, a number 15 significant digits, a date
 * begins on 1900-03-01 (before that Excel's own calendar is wrong), a link has 2,079 characters. */
#ifndef MB_WORKBOOK_WORKBOOK_CELLS_H
#define MB_WORKBOOK_WORKBOOK_CELLS_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WORKBOOK_TEXT_MOST = 32767, /* UTF-16 units */
    WORKBOOK_DIGITS_MOST = 15,
    WORKBOOK_LINK_MOST = 2079, /* characters */
};

/* The character that begins at TEXT (LEN > 0), and in *BYTES how long it is; U+FFFD and one byte for
 * what isn't UTF-8. */
uint32_t workbook_character(const char *text, size_t len, size_t *bytes);

/* OUT becomes TEXT as a cell holds it: CR and CRLF are LF, other controls and what isn't a character
 * U+FFFD, and _xHHHH_, which Excel would decode, is escaped. True: it was too long and is cut, with an
 * ellipsis at its end. */
bool workbook_text(struct buffer *out, const char *text, size_t len);
/* In how many lines a column of WIDTH characters shows TEXT, at most MOST. */
int workbook_lines(const char *text, size_t len, int width, int most);

/* Whether the JSON number TEXT is one that a cell holds as it is; then it is in *VALUE. */
bool workbook_number(const char *text, size_t len, double *value);

/* Whether TEXT is a real date YYYY-MM-DD that Excel knows; then *DAY is its number. */
bool workbook_date(const char *text, size_t len, int *day);
/* The other way, for days from 61 on. */
void workbook_date_of(int day, int *year, int *month, int *day_of_month);

/* OUT becomes the link from a workbook in DIRECTORY to FILE (both absolute, FILE as bytes): relative,
 * percent-encoded. False: not absolute, or longer than a link may be. */
bool workbook_link(struct buffer *out, const char *directory, const char *file);

#endif
