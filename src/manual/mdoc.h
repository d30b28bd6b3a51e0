/* mdoc.h - a manual page's source, in the language mdoc(7), from plain text. */
#ifndef MB_MANUAL_MDOC_H
#define MB_MANUAL_MDOC_H

#include "base/buffer.h"

/* The head of page NAME(SECTION), which is about SUMMARY; .Sh NAME included. */
void mdoc_begin(struct buffer *out, const char *name, int section, const char *summary);
void mdoc_section(struct buffer *out, const char *title);
/* Sentences: filled into lines, each sentence on one of its own, so that nothing in TEXT is taken for
 * a request. Blank lines in TEXT part paragraphs. */
void mdoc_text(struct buffer *out, const char *text);
/* As it stands, to its last blank. */
void mdoc_literal(struct buffer *out, const char *text);
/* TEXT as the argument of a macro. */
void mdoc_argument(struct buffer *out, const char *text);

#endif
