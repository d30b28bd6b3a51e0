/* duplicate_index.h - records found by their keys among all that there ever were: in review.db, by index.
 *
 *   duplicate_index_put(d, id, &keys)                      in a transaction of the caller's (database_write,
 *                                                          database_commit); replaces what ID had
 *   duplicate_index_find(d, id, &keys, days, matches, &count)   among the records with a smaller id
 *   duplicate_index_iban(d, id, &keys, &known)             for iban-new: by VAT number or name
 *   duplicate_index_remove(d, id)
 *
 * Ids grow with age: the smaller is the original. A supplier that sends thousands of documents of one amount in a
 * week has more candidates than anybody compares: the newest DUPLICATE_CANDIDATES_MAX of each key are, and `cut`
 * tells. Errors are the database's (d->error). */
#ifndef MB_REVIEW_DUPLICATE_INDEX_H
#define MB_REVIEW_DUPLICATE_INDEX_H

#include "review/duplicates.h"
#include "store/database.h"

enum { DUPLICATE_MATCHES_MAX = 16, DUPLICATE_CANDIDATES_MAX = 1000 };

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

struct duplicate_ibans {
    bool any;  /* earlier records of the supplier have a bank account, */
    bool this; /* and that of this record is among them */
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
MUST_CHECK int duplicate_index_iban(struct database *d, int64_t id,
                                    const struct duplicate_keys *keys, struct duplicate_ibans *out);

/* The later records whose bank account is new no longer, or only now, because of that of ID; FOUND is what
 * duplicate_index_iban said of it. */
enum { DUPLICATE_CONCERNED_MAX = 8 };
struct duplicate_concerned {
    int64_t records[DUPLICATE_CONCERNED_MAX];
    size_t count;
};
MUST_CHECK int duplicate_index_iban_concerns(struct database *d, int64_t id,
                                             const struct duplicate_keys *keys,
                                             const struct duplicate_ibans *found,
                                             struct duplicate_concerned *out);

#endif
