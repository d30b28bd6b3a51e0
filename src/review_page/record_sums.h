/* record_sums.h - the sums of a record as a person adds them up, with what the checks made of them. */
#ifndef MB_REVIEW_PAGE_RECORD_SUMS_H
#define MB_REVIEW_PAGE_RECORD_SUMS_H

#include "review/review.h"
#include "tables/layout.h"

struct record_sums {
    const struct columns *columns;
    const struct flat_document *doc; /* with corrections */
    const struct flat_record *flat;
    const struct review_record *record;
    const char *const *lines, *const *amounts; /* record_desk.h */
    const struct check_options *checks;
};

/* Appends "sums":[{"text":"net 195.00 + tax 9.75 = 204.75","ok":true}, ...]: null where nobody can say; none where something isn't there, or too long
 * to be added up. */
void record_sums_put(struct buffer *out, const struct record_sums *s);

#endif
