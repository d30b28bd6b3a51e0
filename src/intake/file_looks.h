/* file_looks.h - in a few words, what a file is that Mindee doesn't take: for people; and what is a
 * text however much it speaks of PDFs. Inside intake only. */
#ifndef MB_INTAKE_FILE_LOOKS_H
#define MB_INTAKE_FILE_LOOKS_H

#include <stdbool.h>
#include <stddef.h>

/* "a ZIP archive", by a signature at the very start; NULL if there is none that is known. */
const char *file_signature(const void *head, size_t len);

/* The same or, without a signature, by the look of the text: "plain text", "an e-mail", "unknown
 * data". Never NULL. */
const char *file_looks_like(const void *head, size_t len);

/* Whether these first bytes are text: letters of some kind, and not only blanks or a printer's
 * commands. */
bool file_is_prose(const void *bytes, size_t len);

#endif
