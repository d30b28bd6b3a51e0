/* naming.h - what files are called: numbers, the names of files that were replaced, and what of a
 * name a file system holds. Pure: it knows no ledger. Names are bytes, paths below results/.
 *
 *   naming_number(&out, "june/scan.pdf", 2)     june/scan (2).pdf
 *   naming_replaced(&out, "scan.pdf", 1)        scan.pdf (replaced); 2: scan.pdf (replaced 2)
 *   naming_result(&out, "scan.pdf")             scan.pdf.json
 *
 * Where a file system can't tell names apart that differ in case or in their Unicode form, such
 * names are one: they have the same naming_key and naming_same says so. */
#ifndef MB_LEDGER_NAMING_H
#define MB_LEDGER_NAMING_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define NAME_REPLACED " (replaced"
/* All append. The number goes before the extension: from the last dot of the last component, unless
 * that is its first character. */
void naming_number(struct buffer *out, const char *name, int n);
void naming_replaced(struct buffer *out, const char *name, int n);
/* With the component that begins at NAME[AT] numbered, and all behind it as it is. */
void naming_number_component(struct buffer *out, const char *name, size_t at, int n);

/* What the file is called below results/: a last component that would be longer than a file
 * system's 255 bytes with its ".json" is cut and gets "~" and 16 hex digits of its SHA-256. */
void naming_result(struct buffer *out, const char *name);

/* Stored: never renumber. */
enum naming_fold { FOLD_CASE = 1, FOLD_FORM = 2 };
/* 63 bits of NAME as a file system with these FOLDS sees it. Stored. */
int64_t naming_key(const char *name, unsigned folds);
bool naming_same(const char *a, const char *b, unsigned folds);
/* NAME as such a file system sees it, appended. */
void naming_fold(struct buffer *out, const char *name, unsigned folds);

#endif
