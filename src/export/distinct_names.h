/* distinct_names.h - names that stay apart where A and a are one (SQLite, many file systems): the first
 * of those that differ by case alone keeps its name, the second gets ~2 behind it, and so on. The same
 * names in the same order become the same. */
#ifndef MB_EXPORT_DISTINCT_NAMES_H
#define MB_EXPORT_DISTINCT_NAMES_H

#include <stddef.h>

/* NAMES: of malloc; those that must change are freed and made anew. */
void distinct_names(char **names, size_t count);

#endif
