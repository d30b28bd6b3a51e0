/* column_names.h - names of a result's fields made names of columns and tables, so that none can collide.
 *
 * In a name `%`, `.`, `#` and control characters become %XX, and a `_` at its beginning %5F: what begins with an
 * underscore is the program's own, a dot joins names along a path, and what stands behind # is about a value. */
#ifndef MB_TABLES_COLUMN_NAMES_H
#define MB_TABLES_COLUMN_NAMES_H

#include "base/buffer.h"

#include <stdbool.h>

/* Appends NAME, escaped. 0, ERR_LIMIT or ERR_MEMORY. */
MUST_CHECK int column_name_escape(struct buffer *out, const char *name, size_t len);

/* Whether a list at the path NAME of a record would have the name of a table of the program's own: its first
 * letter is escaped then. */
bool table_name_taken(const char *name);

/* `_words`: the words of an OCR result, which no list of a model can be called. */
#define TABLE_WORDS "_words"

#endif
