/* record.h - what the fakes were asked to do, as lines of text in the order it happened.
 *
 *   ... the part at work ...
 *   assert_recorded("attempt_end doc=3 attempt=1 in_doubt 0 restart\n"
 *                   "enqueue a.pdf mb-3-1\n");
 *
 * What was asserted is forgotten. */
#ifndef MB_TESTS_BATCH_RECORD_H
#define MB_TESTS_BATCH_RECORD_H

#include "base/require.h"
#include "test.h"

/* One line; the newline is added. */
void record(const char *format, ...) PRINTF(1, 2);
/* All lines since the last call; good until the next line. */
const char *record_take(void);
const char *record_text(const char *text); /* "-" for NULL */

#define assert_recorded(lines) assert_string_equal(record_take(), lines)

#endif
