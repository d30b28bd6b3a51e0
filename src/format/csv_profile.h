/* csv_profile.h - the form of CSV files: that of a profile, of which each part can be said otherwise. */
#ifndef MB_FORMAT_CSV_PROFILE_H
#define MB_FORMAT_CSV_PROFILE_H

#include "base/csv_choices.h"

#include <stdbool.h>
#include <stddef.h>

struct csv_profile {
    char delimiter;
    char decimal;         /* between a number's whole and its fraction */
    bool bom;             /* the file begins with U+FEFF: Excel takes it for UTF-8 then */
    bool defuse;          /* no text becomes a formula, see csv_defused() */
    enum csv_dates dates; /* how columns of dates are written */
};

struct csv_profile csv_profile_of(const struct csv_choices *c);

/* Whether a cell of text gets a ' in front, so that a spreadsheet takes it for text: it begins, blanks
 * aside, with what begins a formula, and isn't a plain number; or it begins with a ' itself, so that
 * taking one away always gives back what was there. */
bool csv_defused(const char *text, size_t len);

/* YYYY-MM-DD as DATES says; false: TEXT isn't of that form. */
enum { CSV_DATE_LEN = 10 };
bool csv_date(enum csv_dates dates, const char *text, size_t len, char out[CSV_DATE_LEN]);

#endif
