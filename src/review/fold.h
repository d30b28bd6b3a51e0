/* fold.h - a text as keys compare it: compatibility forms undone (NFKD), case folded, marks dropped, and the few
 * letters of Latin script that have no decomposition as the letters that people type for them (ø as o). */
#ifndef MB_REVIEW_FOLD_H
#define MB_REVIEW_FOLD_H

#include <stddef.h>

enum {
    FOLD_TEXT_MOST = 1000, /* bytes of a text that count */
    FOLD_MAX = 4096,       /* of what comes out, with the NUL */
};

/* OUT gets the letters and digits of TEXT in UTF-8; a full stop and a slash stay, an apostrophe goes, anything
 * else is a blank. Text that isn't UTF-8 counts up to the first bad byte. Returns OUT. */
const char *fold_text(const char *text, size_t len, char out[FOLD_MAX]);

#endif
