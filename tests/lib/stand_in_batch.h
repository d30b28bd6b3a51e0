/* stand_in_batch.h - batch/batch.h without documents: a run opens its output directory and its
 * ledger, takes the run lock, writes its row, lives on the loop and ends. What else it does is up to
 * the program that it is linked into:
 *
 *   stand_in_use(&acts);                        before the first batch_new
 *   acts.opened(b)    b->ledger is open         may be NULL
 *   acts.begins(b)    a run begins, its row isn't written yet; the ms until acts.due, -1: never
 *   acts.due(b)       on the loop: sets b->timer again, or stand_in_end(b)
 *   acts.ends(b)      the run's end is in the ledger, nobody knows it yet
 *   acts.stopped(b)   batch_stop of a run that hasn't ended; the ms until acts.due
 *
 * It is compiled into the program, not linked from a library: so it stands before mb_batch. */
#ifndef MB_TESTS_STAND_IN_BATCH_H
#define MB_TESTS_STAND_IN_BATCH_H

#include "batch/batch.h"

struct batch {
    const struct batch_options *options;
    struct loop *loop;
    struct ledger *ledger;
    struct loop_timer *timer; /* NULL before the run and after it */
    int exit_code;
    bool stopping, made_way;
    int64_t by_hand;
    const char *budget; /* that stopped it, in words; NULL: none did */
    void *own;          /* of the acts; freed with the batch */
    void (*ended)(void *ctx);
    void *ctx;
};

struct stand_in_acts {
    void (*opened)(struct batch *b);
    int64_t (*begins)(struct batch *b);
    void (*due)(struct batch *b);
    void (*ends)(struct batch *b);
    int64_t (*stopped)(struct batch *b);
    void (*failed)(const char *text); /* the ledger's words */
    const char *reason;               /* of a run with the exit code REASON_FROM or a higher one */
    int reason_from;
};

extern const char *stand_in_away; /* a share is: batch_new says so in these words; NULL: none is */

void stand_in_use(const struct stand_in_acts *acts);

/* Reports RC if it is an error of the ledger's. */
void stand_in_check(struct batch *b, int rc);

/* The run ends with b->exit_code: its row is written, its timer closed, ENDED called. B may be gone
 * afterwards. */
void stand_in_end(struct batch *b);

#endif
