/* text.h - names from outside made fit for a terminal, a log or JSON; ids; the nearest word. */
#ifndef MB_BASE_TEXT_H
#define MB_BASE_TEXT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends LEN bytes with everything that isn't printable UTF-8 (control characters too) as \xNN and
 * what turns the direction of a text or ends a line as \u{NNNN}, and the backslash before what looks
 * like either as \x5C, so that the text shows what the bytes are, can't drive a terminal, and can't
 * look like another. */
void text_display(struct buffer *out, const void *bytes, size_t len);
/* TEXT word by word, in lines of at most WIDTH bytes: the first begins with FIRST, the others with
 * FRONT. A word that is longer has a line of its own. */
void text_wrap(struct buffer *out, const char *first, const char *front, size_t width,
               const char *text);

/* The same into a ring of eight static buffers per thread, for messages and logs; cut at 1 KB. */
const char *text_show(const char *s);

bool text_is_utf8(const void *bytes, size_t len);
bool text_is_uuid(const char *s);  /* 8-4-4-4-12 hex digits, either case */
bool text_is_uuid4(const char *s); /* one of version 4 */

/* Whether NAME matches the shell PATTERN, without regard to the case of A to Z (fnmatch without
 * special treatment of dots or slashes). */
bool text_matches(const char *pattern, const char *name);

/* The one of CANDIDATES (a NULL-ended array) nearest to WORD, or NULL if none is near. */
const char *text_nearest(const char *word, const char *const *candidates);

/* SIZE-bounded copy that always ends in NUL; returns whether all of SRC fitted. */
bool text_copy(char *dst, size_t size, const char *src);

#endif
