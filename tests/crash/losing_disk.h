/* losing_disk.h - a disk whose power is cut: a VFS of SQLite's over the system's own, which knows
 * for each file what a sync has made durable and what has only been written.
 *
 *   losing_disk_install();
 *   losing_disk_arm(k, seed);      the power goes at the k-th operation: everything fails from then
 *   ... until losing_disk_dead(), or the end; close all files ...
 *   losing_disk_cut();             the files are now what the platters held
 *
 * What was written and not synced is, a sector at a time, there, not there, torn, or garbage where
 * the file had grown; whichever of several writes to one sector; files made and not synced are
 * there or not; files deleted too. */
#ifndef MB_TESTS_LOSING_DISK_H
#define MB_TESTS_LOSING_DISK_H

#include <stdbool.h>
#include <stdint.h>

/* From now on SQLite's default; files opened before keep theirs. Once. */
void losing_disk_install(void);
/* Forgets all files (what they hold is durable). K: writes, truncations, syncs, deletions and files
 * made are counted, 1: the next; 0: none. */
void losing_disk_arm(unsigned k, uint64_t seed);
bool losing_disk_dead(void);
unsigned losing_disk_operations(void); /* since it was armed */
void losing_disk_cut(void);

#endif
