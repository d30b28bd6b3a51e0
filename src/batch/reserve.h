/* reserve.h - a file beside the ledger that is given up when the disk is full, so that there is
 * room for the record of what is on its way: job ids are worth money. Where there is no room for it
 * nothing is sent: an upload whose answer can't be recorded would be paid for twice. */
#ifndef MB_BATCH_RESERVE_H
#define MB_BATCH_RESERVE_H

#include "batch/run_context.h"

struct reserve;

struct reserve *reserve_new(const struct run_context *c);
void reserve_free(struct reserve *r); /* gives it up */

/* Whether it is there. If not, it is made, at most every few seconds. */
bool reserve_ready(struct reserve *r, struct mono now);
/* When the next try to make it is due; MONO_NEVER while it is there. */
struct mono reserve_next(const struct reserve *r);
/* Why it isn't there, with its path; "" while it is. */
const char *reserve_trouble(const struct reserve *r);

void reserve_give_up(struct reserve *r);

#endif
