/* corrections.h - what people wrote in place of what Mindee read, by record: kept in review.db, never in the ledger or
 * in results/.
 *
 *   correction_parse(&c, "line_items[2].total_price=50.00", &e)   one as a person writes it
 *   correction_fit(&c, columns, doc, record, &e)                  whether its place and its kind of value fit
 *   corrections_put(d, key, &c, ...)                              in a transaction of the caller's
 *   corrections_read(&list, d, key)                               all of a record
 *   corrections_release(&list)
 *
 * FIELD=VALUE sets, FIELD= clears, +LIST adds a row at its end, +LIST[7] one of that number, -LIST[3] takes one away and
 * +LIST[3] puts that back. Rows keep their numbers: a new one's is behind all that there are.
 * What Mindee read, written as a correction, takes a correction of that field back. */
#ifndef MB_REVIEW_CORRECTIONS_H
#define MB_REVIEW_CORRECTIONS_H

#include "base/error.h"
#include "review/value_place.h"
#include "store/database.h"
#include "tables/columns.h"

enum { CORRECTION_TEXT_MAX = 10000, CORRECTIONS_MAX = 1000 /* of a record */ };

/* Stored: never renumber. */
enum correction_kind {
    CORRECTION_SET = 0,
    CORRECTION_CLEAR = 1,
    CORRECTION_ADD = 2,
    CORRECTION_REMOVE = 3
};

struct correction {
    enum correction_kind kind;
    enum cell_kind type;     /* of VALUE */
    char *path;              /* of a row that is to be added: its list, until it fits */
    char *value;             /* "" of all but SET */
    char *was;               /* what Mindee read, as text; "": nothing */
    char *at, *actor, *note; /* of those that were read; NULL before */
    bool takes_back;         /* it is what Mindee read */
};
void correction_release(struct correction *c);

struct corrections {
    struct correction *items;
    size_t count, capacity;
};

MUST_CHECK int correction_parse(struct correction *c, const char *text, struct error *e);
/* FIELD and VALUE apart, as a sheet has them; ERR_USAGE. */
MUST_CHECK int correction_make(struct correction *c, const char *field, const char *value,
                               struct error *e);
/* COLUMNS know what their values have been; DOC and RECORD are as Mindee read them, EARLIER the corrections that it
 * stands on. ERR_NOT_FOUND: there is no such field, and the words have the nearest; ERR_USAGE: it can't have such
 * a value, or there is no such row. */
MUST_CHECK int correction_fit(struct correction *c, const struct columns *columns,
                              const struct flat_document *doc, const struct flat_record *record,
                              const struct corrections *earlier, struct error *e);
/* Adds C to the list: what is in it of the same path goes. C is empty then. */
void corrections_take(struct corrections *list, struct correction *c);

struct correction_by {
    const char *at, *actor, *note;
};
MUST_CHECK int corrections_put(struct database *d, const char *key, const struct correction *c,
                               const struct correction_by *by);
/* Into an empty list. */
MUST_CHECK int corrections_read(struct corrections *out, struct database *d, const char *key);
void corrections_release(struct corrections *list);

#endif
