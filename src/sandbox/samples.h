/* samples.h - invoices and receipts to try things with: PDFs and images that a person can open and
 * read, each carrying the values that are printed on it, so that the sandbox can answer with them.
 *
 *   samples_make("demo/invoices", 60, 1, &e)          writes 60 files into folders below
 *
 * What Mindee ought to find on such a file is read from its mark (invoice/mark.h).
 *
 * Every name, number and address is made up. */
#ifndef MB_SANDBOX_SAMPLES_H
#define MB_SANDBOX_SAMPLES_H

#include "base/error.h"

#include <stdint.h>

enum { SAMPLES_MAX = 100000 };

/* Writes COUNT (1 .. SAMPLES_MAX) documents below DIRECTORY, which is made if it isn't there:
 * directories 0700, files 0600. The same seed gives the same files, byte for byte and whatever
 * COUNT is: the first 10 of 100 are the 10 of 10. A file of the same name is replaced. 0, ERR_USAGE
 * (COUNT out of range) or ERR_IO with the file in its text. */
MUST_CHECK int samples_make(const char *directory, int count, uint64_t seed, struct error *e);

#endif
