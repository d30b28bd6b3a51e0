/* run_lock.h - one writer at a time: a lock file of its own beside the ledger,
 * whose text names the holder. */
#ifndef MB_STORE_RUN_LOCK_H
#define MB_STORE_RUN_LOCK_H

#include "base/clock.h"
#include "base/error.h"
#include "base/file_access.h"

#include <stdbool.h>
#include <stddef.h>

struct run_lock {
    int fd; /* -1: not held */
};

/* 0, ERR_BUSY (text names the holder) or ERR_IO. *UNCLEAN:
 * the last holder didn't get to release it. */
MUST_CHECK int run_lock_take(struct run_lock *lock, const char *path, enum file_access a,
                             struct wall now, bool *unclean, struct error *e);
void run_lock_release(struct run_lock *lock); /* fine if not held */
/* As a process's end would: the text stays. */
void run_lock_abandon(struct run_lock *lock);

/* Behind the holder's words, on a line of its own. */
MUST_CHECK int run_lock_add(struct run_lock *lock, const char *line, struct error *e);
/* That line of whoever holds it, if he wrote one: 1; else 0. */
int run_lock_added(const char *path, char *line, size_t size);

/* 1 and the holder's words if somebody holds it, 0 if nobody, or ERR_IO. Takes nothing. */
MUST_CHECK int run_lock_holder(const char *path, char *holder, size_t size, struct error *e);

/* The same with its time as people are told it (log_time_told). Returns OUT. */
const char *run_lock_words(const char *holder, char *out, size_t size);

/* Locks of the same kind on single bytes of a file, for telling the living from the dead. */
MUST_CHECK int lock_byte(int fd, int64_t offset, bool *taken_by_other, struct error *e);
/* Waits for it; gone when FD is closed. */
MUST_CHECK int lock_byte_wait(int fd, int64_t offset, struct error *e);
MUST_CHECK int lock_byte_held(int fd, int64_t offset, bool *held_by_other, struct error *e);

#endif
