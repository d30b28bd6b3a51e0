/* corrected.h - a flattened document with what people wrote in place of what Mindee read.
 *
 *   struct corrected c = {0};
 *   doc = corrected_make(&c, columns, doc, lists)       a list of corrections for each of its records
 *   corrected_release(&c)
 *
 * What comes back is a document like any other (flat_document.h), valid until the next call with the same C, while
 * DOC and the corrections live. Corrections of places that the record doesn't have any more (its result came anew)
 * are passed over. */
#ifndef MB_REVIEW_CORRECTED_H
#define MB_REVIEW_CORRECTED_H

#include "review/corrections.h"

struct corrected {
    struct flat_document doc;
    size_t record_capacity, row_capacity, cell_capacity;
    struct buffer joined;
};

const struct flat_document *corrected_make(struct corrected *c, const struct columns *columns,
                                           const struct flat_document *doc,
                                           const struct corrections *lists);
void corrected_release(struct corrected *c);

#endif
