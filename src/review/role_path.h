/* role_path.h - the path of a field as [fields] writes it, and which column that is.
 *
 *   total_amount, locale.currency            a field of the record
 *   supplier_payment_details.iban            also a column of a list: the first row in which it isn't empty
 *   registrations[type~VAT].number           of the rows whose column `type` holds the word, in any case;
 *                                            [type=VAT]: is the word
 *
 * Names are those of tables and columns (tables/column_names.h). */
#ifndef MB_REVIEW_ROLE_PATH_H
#define MB_REVIEW_ROLE_PATH_H

#include "base/error.h"
#include "tables/cell.h"
#include "tables/columns.h"

#include <stdbool.h>
#include <stdint.h>

enum { ROLE_PATH_MAX = 256 /* bytes, with the NUL */ };

struct role_path {
    char text[ROLE_PATH_MAX];
    char list[ROLE_PATH_MAX];      /* "" unless there are brackets */
    char condition[ROLE_PATH_MAX]; /* "" for all rows */
    char word[ROLE_PATH_MAX];
    bool contains;              /* the word may be a part */
    char column[ROLE_PATH_MAX]; /* without brackets the whole text */
};

/* 0, or ERR_USAGE and what is wrong with it. */
MUST_CHECK int role_path_parse(struct role_path *p, const char *text, struct error *e);

struct role_column {
    bool found;
    uint32_t table, column;
    bool conditional;
    uint32_t condition;
};

/* The column of documents, or of a list, that P names; found is false if C has none. */
struct role_column role_path_find(const struct role_path *p, const struct columns *c);
/* The column P of TABLE. */
struct role_column role_path_find_in(const struct role_path *p, const struct columns *c,
                                     uint32_t table);
/* Whether a value meets the condition of P. */
bool role_path_meets(const struct role_path *p, const struct cell *value);

#endif
