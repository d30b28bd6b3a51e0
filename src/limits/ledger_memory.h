/* ledger_memory.h - how many attempts each ledger had, kept apart from the ledger: one that comes
 * with fewer was restored from a backup, or is a copy, and doesn't know what was sent since.
 *
 *   ledger_memory_open(&m, directory, ledger_id, &attempts, &e);     for as long as the run
 *   ledger_memory_note(m, attempts, now, &e);    after the commit of attempts, before their sends
 *   ledger_memory_close(m);
 *
 * A small file for each ledger in limits.state, whatever the key: ledger-<id>, one line of text. It
 * stays for good. A note outlives the process at once; it is synced for the first attempt and then
 * at most once a second, so that a power cut takes at most the last second's with it: then a number
 * is too low, which is no false alarm. */
#ifndef MB_LIMITS_LEDGER_MEMORY_H
#define MB_LIMITS_LEDGER_MEMORY_H

#include "base/clock.h"
#include "base/error.h"

#include <stdint.h>

struct ledger_memory;

/* DIRECTORY is made if it isn't there. *ATTEMPTS: as noted last; -1: this ledger was never seen
 * here. ERR_BUSY: a run is at work with a ledger of the same id, so one of the two is a copy;
 * ERR_DAMAGED: the file isn't one of ours. */
MUST_CHECK int ledger_memory_open(struct ledger_memory **out, const char *directory,
                                  uint64_t ledger_id, int64_t *attempts, struct error *e);
/* Nothing if it is what was noted last. */
MUST_CHECK int ledger_memory_note(struct ledger_memory *m, int64_t attempts, struct mono now,
                                  struct error *e);
void ledger_memory_close(struct ledger_memory *m); /* NULL is fine */

#endif
