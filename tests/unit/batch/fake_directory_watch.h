/* fake_directory_watch.h - net/directory_watch.h without a kernel: a test gives the hints, and says
 * where none can be had. Each watch that is made or closed is a line (record.h), with the last
 * component of its path:
 *
 *   watch june
 *   unwatch june */
#ifndef MB_TESTS_BATCH_FAKE_DIRECTORY_WATCH_H
#define MB_TESTS_BATCH_FAKE_DIRECTORY_WATCH_H

#include "net/directory_watch.h"

/* From now on none can be had, for this reason; 0: they can again. */
void fake_watch_refuse(int error_code);
/* Something changed in PATH: its watch tells. */
void fake_watch_hint(const char *path);
size_t fake_watch_count(void); /* that are open */

#endif
