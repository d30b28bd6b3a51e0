/* units.h - durations, sizes and shares as people write and read them. */
#ifndef MB_BASE_UNITS_H
#define MB_BASE_UNITS_H

#include <stdint.h>

/* "500ms", "2s", "1.5m", "12h", "5d": 0 or ERR_FORMAT.
 * A bare "0" is allowed, any other bare number isn't. */
int duration_parse(const char *text, int64_t *ms) __attribute__((warn_unused_result));
/* "64KB", "100MB", "1.5GB" (1 KB = 1000 bytes), or bytes: 0 or ERR_FORMAT. */
int size_parse(const char *text, int64_t *bytes) __attribute__((warn_unused_result));

enum { UNITS_TEXT_MAX = 32 };
/* For people: "350 ms", "4.2 s", "1 min 05 s", "2 h 10 min". Returns OUT. */
const char *duration_format(int64_t ms, char out[UNITS_TEXT_MAX]);
/* "812 bytes", "60 KB", "1.2 MB". Returns OUT. */
const char *size_format(int64_t bytes, char out[UNITS_TEXT_MAX]);
/* "12,345". Returns OUT. */
const char *count_format(int64_t n, char out[UNITS_TEXT_MAX]);

#endif
