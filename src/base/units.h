/* units.h - durations as people write them; durations, sizes and counts as they read them. */
#ifndef MB_BASE_UNITS_H
#define MB_BASE_UNITS_H

#include <stdint.h>

/* "500ms", "2s", "1.5m", "12h", "5d": 0 or ERR_FORMAT.
 * A bare "0" is allowed, any other bare number isn't. */
int duration_parse(const char *text, int64_t *ms) __attribute__((warn_unused_result));

enum { UNITS_TEXT_MAX = 32 };
/* For people: "350 ms", "4.2 s", "1 min 05 s", "2 h 10 min". Returns OUT. */
const char *duration_format(int64_t ms, char out[UNITS_TEXT_MAX]);
/* "812 bytes", "60 KB", "1.2 MB" (1 KB = 1000 bytes). Returns OUT. */
const char *size_format(int64_t bytes, char out[UNITS_TEXT_MAX]);
/* "12,345". Returns OUT. */
const char *count_format(int64_t n, char out[UNITS_TEXT_MAX]);

#endif
