/* faulty_disk.h - a disk whose k-th write, sync or truncation fails: a VFS of SQLite's over the
 * system's own. */
#ifndef MB_TESTS_FAULTY_DISK_H
#define MB_TESTS_FAULTY_DISK_H

#include <stdbool.h>

enum faulty_kind { FAULTY_FULL, FAULTY_IO }; /* how it fails: no room left; broken */

/* From now on SQLite's default; files opened before keep theirs. Once. */
void faulty_disk_install(void);
/* The K-th write from now fails (1: the next), and, if FOR_GOOD, each one after it; 0: none. */
void faulty_disk_arm(int k, enum faulty_kind kind, bool for_good);
bool faulty_disk_failed(void); /* since it was armed */

#endif
