/* duplicate_index.h - records found by their keys among all that there ever were: in review.db, by index.
 *
 *   duplicate_index_put(d, id, &keys)                      in a transaction of the caller's (database_write,
 *                                                          database_commit); replaces what ID had
 *   duplicate_index_find(d, id, &keys, days, &matches)     among the records with a smaller id
 *   duplicate_index_remove(d, id)
 *
 * Ids grow with age: the smaller is the original. Of more records than anybody compares that all agree the oldest and the
 * newest are compared, and `cut` tells. Errors are the database's (d->error). */
#ifndef MB_REVIEW_DUPLICATE_INDEX_H
#define MB_REVIEW_DUPLICATE_INDEX_H

#include "review/duplicates.h"
#include "store/database.h"

enum { DUPLICATE_MATCHES_MAX = 16, DUPLICATE_NAMES = 3 };

struct duplicate_match {
    int64_t record;
    enum check_code level;
};

struct duplicate_matches {
    struct duplicate_match
        items[DUPLICATE_MATCHES_MAX]; /* the gravest level first, then the oldest */
    size_t count;
    bool cut; /* there may be more */
};

MUST_CHECK int duplicate_index_put(struct database *d, int64_t id,
                                   const struct duplicate_keys *keys);
/* The same of an ID that isn't there. */
MUST_CHECK int duplicate_index_add(struct database *d, int64_t id,
                                   const struct duplicate_keys *keys);
MUST_CHECK int duplicate_index_remove(struct database *d, int64_t id);
/* The keys that ID was put with: 1, or 0 if it isn't there. */
MUST_CHECK int duplicate_index_get(struct database *d, int64_t id, struct duplicate_keys *out);
/* DAYS: how many before its date at most; 0 or less: any. */
MUST_CHECK int duplicate_index_find(struct database *d, int64_t id,
                                    const struct duplicate_keys *keys, int64_t days,
                                    struct duplicate_matches *out);

/* The hashes of what a supplier is known by: VAT number, name and, WITH_IBAN, bank account. How many it has. */
size_t duplicate_names(const struct duplicate_keys *k, bool with_iban,
                       uint64_t out[DUPLICATE_NAMES]);

#endif
