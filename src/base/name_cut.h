/* name_cut.h - file names that are longer than a file system holds.
 *
 *   name_cut(&out, "june/scan.pdf", 255, ".json")    june/scan.pdf.json
 *
 * Each component of more than LONGEST bytes (the last one with its SUFFIX) is cut, between two
 * characters, and gets "~" and 16 hex digits of the SHA-256 of the whole. */
#ifndef MB_BASE_NAME_CUT_H
#define MB_BASE_NAME_CUT_H

#include "base/buffer.h"

#include <stddef.h>

enum { NAME_CUT_LEAST = 32 /* a cut name still tells something */, NAME_CUT_MOST = 255 };

/* Appends. LONGEST: NAME_CUT_LEAST and more; SUFFIX: less than ten bytes. */
void name_cut(struct buffer *out, const char *path, size_t longest, const char *suffix);

/* How long a component may be where the open file FD is, as its file system says: from
 * NAME_CUT_LEAST to NAME_CUT_MOST. */
size_t name_cut_longest(int fd);

#endif
