/* roles.h - which fields of a record are its supplier, its number, its total: the values of a record by their
 * role, whatever its model calls them.
 *
 *   struct roles *r = roles_new();
 *   roles_set(r, ROLE_TOTAL, settings->fields.total, &e)   for each role; ERR_USAGE: no path
 *   roles_check(r, ROLE_TOTAL, columns, &e)                of paths that somebody wrote: ERR_NOT_FOUND names
 *                                                          one that no result had, with the nearest
 *   roles_read(r, columns, doc, record, &out)              of each record; OUT's memory is kept
 *   role_record_release(&out); roles_free(r);
 *
 * Roles are used with one set of columns, which may grow; another set has roles of its own.
 * Of a role's paths the first that isn't empty counts (null, "" and blanks are empty). Cells point to where those
 * of the document do, names belong to the roles or the set of columns. */
#ifndef MB_REVIEW_ROLES_H
#define MB_REVIEW_ROLES_H

#include "base/buffer.h"
#include "base/error.h"
#include "core/review_words.h"
#include "tables/flatten.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROLE_PATHS_MAX = 8, /* of one role */
    ROLE_LIST_COLUMNS = ROLE_LINES_RATE - ROLE_LINES_QUANTITY + 1,
    ROLE_ROWS_MAX = 100000, /* of a record's list; those behind aren't looked at */
};

struct role_value {
    struct cell cell;       /* NONE: the record hasn't the field; NULL: it is empty */
    const char *field;      /* its name, or its column's in LIST; NULL for NONE */
    const char *list;       /* NULL: a field of the record */
    int64_t row;            /* of LIST, from 1 */
    const char *confidence; /* as sent; NULL: none */
    size_t confidence_len;
};

struct role_row {
    int64_t n; /* from 1 */
    struct cell
        cells[ROLE_LIST_COLUMNS]; /* of lines: quantity, price...; of taxes: base, rate, amount */
};

struct role_list {
    const char *name;                       /* NULL: the record has no such list */
    const char *columns[ROLE_LIST_COLUMNS]; /* names; NULL: none has that role */
    struct role_row *rows;
    size_t count, capacity;
    bool cut; /* it had more rows than ROLE_ROWS_MAX */
};

struct role_record {
    struct role_value values[ROLE_SINGLE_COUNT]; /* by enum role */
    struct role_list lines, taxes;
    bool any_confidence; /* one of its values, whatever its role, came with a confidence */
};

struct roles;

struct roles *roles_new(void);
void roles_free(struct roles *r);
/* Replaces the paths of a role; a NULL-ended list, which may be empty. */
MUST_CHECK int roles_set(struct roles *r, enum role role, const char *const *paths,
                         struct error *e);
const char *role_name(enum role role); /* "total", "lines.quantity" */
MUST_CHECK int roles_check(const struct roles *r, enum role role, const struct columns *c,
                           struct error *e);
struct role_field {
    const char *path; /* as it was set */
    bool found;       /* C has it */
    int64_t
        filled; /* in how many records or, OF_ROWS, rows of a list it is; -1: it is the list itself */
    bool of_rows;
};
/* What the path I of ROLE, from 0, is in C: for `columns --roles`. False: ROLE has no such path. */
bool roles_look(const struct roles *r, enum role role, size_t i, const struct columns *c,
                struct role_field *out);
void roles_read(struct roles *r, const struct columns *c, const struct flat_document *doc,
                const struct flat_record *record, struct role_record *out);
void role_record_release(struct role_record *out);

bool role_cell_empty(const struct cell *cell);
/* Appends "total_amount" or "registrations[2].number". */
void role_value_path(struct buffer *out, const struct role_value *v);

#endif
