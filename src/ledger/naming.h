/* naming.h - what files are called: numbers, the names of files that were replaced, and what the
 * file system of results/ makes of a name. Pure: it knows no ledger. Names are bytes, paths below
 * results/.
 *
 *   naming_number(&out, "june/scan.pdf", 2)       june/scan (2).pdf
 *   naming_replaced(&out, "scan.pdf", 1)          scan.pdf (replaced); 2: scan.pdf (replaced 2)
 *   naming_result(&out, "scan.pdf", longest)      scan.pdf.json
 *
 * Where a file system can't tell names apart that differ in case or in their Unicode form, such
 * names are one: they have the same naming_key and naming_same says so. */
#ifndef MB_LEDGER_NAMING_H
#define MB_LEDGER_NAMING_H

#include "base/buffer.h"
#include "base/name_cut.h"

#include <stdbool.h>
#include <stdint.h>

/* All append. The number goes before the extension: from the last dot of the last component, unless
 * that is its first character. */
void naming_number(struct buffer *out, const char *name, int n);
void naming_replaced(struct buffer *out, const char *name, int n);

/* What the file is called below results/: components longer than LONGEST bytes (the last one with
 * its ".json") are cut (name_cut.h). */
void naming_result(struct buffer *out, const char *name, size_t longest);

/* What a file system doesn't tell apart. Stored: never renumber. */
enum naming_fold {
    FOLD_CASE = 1,
    FOLD_FORM = 2,    /* composed and decomposed characters */
    FOLD_IGNORED = 4, /* with and without characters that show nothing */
};
/* 63 bits of NAME as a file system with these FOLDS sees it. Stored. */
int64_t naming_key(const char *name, unsigned folds);
bool naming_same(const char *a, const char *b, unsigned folds);
/* NAME as such a file system sees it, appended: it may see more than this as different, but nothing
 * more as the same. What isn't UTF-8 stays as it is. */
void naming_fold(struct buffer *out, const char *name, unsigned folds);

/* What the file system of results/ makes of names. */
struct naming_place {
    unsigned folds; /* enum naming_fold */
    size_t longest; /* bytes of a component, NAME_CUT_LEAST to NAME_CUT_MOST */
};
/* As one number, which is stored; 0: it folds nothing and holds NAME_CUT_MOST. */
int64_t naming_place_number(const struct naming_place *place);
struct naming_place naming_place_of(int64_t number);
/* What holds for both A and B. */
struct naming_place naming_place_both(const struct naming_place *a, const struct naming_place *b);

#endif
