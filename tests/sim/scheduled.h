/* scheduled.h - runs as `serve` has them by its schedule: each has a row, begun before it and ended
 * after it, and what it takes in belongs to its period. Two runs make one period. One that was
 * interrupted goes on under its own row; a run beside (a folder that is watched) takes in for the
 * period that comes next.
 *
 * Which files belong to a closed period stays as it is, and its numbers at the close with it: until
 * its second run closes it anew. */
#ifndef MB_SIM_SCHEDULED_H
#define MB_SIM_SCHEDULED_H

#include "world.h"

#include "ledger/ledger.h"

struct sqlite3;
struct file_stamp;

struct scheduled {
    char period[24]; /* what the run takes in belongs to it */
    char rule[24];   /* "": it has no row */
};

/* Run NUMBER is about to begin with L; WATCHING: beside the schedule. */
void scheduled_begin(struct scheduled *s, struct ledger *l, int number, bool watching);
/* The run has begun. */
void scheduled_began(const struct scheduled *s, struct world *w, struct ledger *l);
/* For struct batch_options: CTX is a struct scheduled. */
const char *scheduled_period_of(void *ctx, const struct file_stamp *stamp);
/* It has ended with EXIT_CODE, and L is still open. */
void scheduled_end(const struct scheduled *s, struct world *w, struct ledger *l, int exit_code);

/* DIRECTORY/summary.json was written: the numbers of the run's period. */
void scheduled_check_summary(const struct scheduled *s, struct world *w, const char *directory);

/* After each run, however it ended. */
void scheduled_check_after_run(struct world *w, struct sqlite3 *db);

#endif
