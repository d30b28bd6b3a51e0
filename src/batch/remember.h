/* remember.h - a ledger that was put back from a backup, or copied, stops the run before anything is
 * sent: limits.state remembers how many attempts each ledger had (limits/ledger_memory.h). */
#ifndef MB_BATCH_REMEMBER_H
#define MB_BATCH_REMEMBER_H

#include "batch/ending.h"

struct remember;

struct remember *remember_new(struct run_context *c, struct ending *ending);
void remember_free(struct remember *r);

/* The ledger is open. ERR_DAMAGED: it has fewer attempts than are remembered, or is a copy that
 * isn't known here; ERR_BUSY: a run works with another copy of it. */
MUST_CHECK int remember_open(struct remember *r, struct error *e);
/* A commit begins: so many attempts are in it. */
void remember_seal(struct remember *r);
/* It is durable: before what waited for it is sent. */
void remember_commit(struct remember *r, struct mono now);

#endif
