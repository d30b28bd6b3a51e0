/* anonymous.h - a result without what tells whose it was: for answers that are shown around.
 *
 * Replaced are the texts of fields (a name by "supplier_name 7", the same text by the same one each
 * time; digits by other digits, so that a number keeps its length, and an IBAN its check), of words and pages
 * (letters by x, digits by 0), and the names of files. Kept are amounts, dates, and the words of closed lists: types,
 * categories, countries, currencies, languages, units. */
#ifndef MB_SANDBOX_ANONYMOUS_H
#define MB_SANDBOX_ANONYMOUS_H

#include "base/buffer.h"
#include "base/hash_set.h"
#include "base/random.h"

struct anonymous {
    struct hash_set texts; /* those met so far */
    unsigned count;
    uint64_t key; /* what digits are changed by */
};

void anonymous_init(struct anonymous *a, struct random *r);
void anonymous_release(struct anonymous *a);
/* Appends the JSON RESULT (valid, an inference's `result`) with those texts replaced. */
void anonymous_put(struct anonymous *a, const char *result, size_t len, struct buffer *out);

#endif
