/* reserve.h - a file beside the ledger that is given up when the disk is full, so that there is
 * room for the record of what is on its way: job ids are worth money. */
#ifndef MB_BATCH_RESERVE_H
#define MB_BATCH_RESERVE_H

/* LEDGER: path of ledger.db. What can't be made is logged, and the run goes on without it. */
void reserve_make(const char *ledger);
void reserve_give_up(const char *ledger);

#endif
