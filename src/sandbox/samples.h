/* samples.h - invoices and receipts to try things with: PDFs and images that a person can open and
 * read, each carrying the values that are printed on it, so that the sandbox can answer with them.
 *
 *   struct samples_made made = {0};
 *   samples_make("demo/invoices", &(struct samples_order){.count = 60, .seed = 1}, &made, &e)
 *   ... made.currencies ...
 *   samples_made_release(&made);
 *
 * writes 60 files into folders below. What Mindee ought to find on such a file is read from its mark
 * (invoice/mark.h). With flaws (invoice/flaws.h) there is a file expected.json beside them, what a
 * check of the results has to find:
 *
 *   [{"file": "2026-08/a.pdf", "flaw": "wrong-total", "field": "total_amount", "check": "total-sum"}]
 *
 * A swapped line has the other one as "other", a duplicate its original as "of".
 *
 * Every name, number and address is made up. */
#ifndef MB_SANDBOX_SAMPLES_H
#define MB_SANDBOX_SAMPLES_H

#include "base/error.h"
#include "sandbox/samples_made.h"

#include <stdbool.h>
#include <stdint.h>

enum { SAMPLES_MAX = 100000 };

struct samples_order {
    int count; /* 1 .. SAMPLES_MAX */
    uint64_t seed;
    bool with_flaws; /* write expected.json; FLAWS may be 0 then */
    int flaws;
};

/* Writes them below DIRECTORY, which is made if it isn't there: directories 0700, files 0600. The
 * same seed gives the same files, byte for byte and, without flaws, whatever the count is: the first 10
 * of 100 are the 10 of 10. A file of the same name is replaced. MADE is all zeros before; release it
 * in any case. 0, ERR_USAGE (a count out of range, or flaws that don't fit) or ERR_IO with the file
 * in its text. */
MUST_CHECK int samples_make(const char *directory, const struct samples_order *order,
                            struct samples_made *made, struct error *e);

#endif
