/* fake_log.h - stands in for base/log.c: each line that is logged is a line (record.h), so that a test
 * sees when it was said.
 *
 *   log warning limit.refused kind=post retry_after=30000ms     a text that is NULL is "-" */
#ifndef MB_TESTS_BATCH_FAKE_LOG_H
#define MB_TESTS_BATCH_FAKE_LOG_H

#include "base/log.h"

extern enum log_level fake_log_level; /* LOG_INFO at first */

#endif
