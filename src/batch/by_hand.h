/* by_hand.h - what a person asks of a run at work: another process, over the run's socket. Taken, it
 * is answered after the commit that makes it durable. */
#ifndef MB_BATCH_BY_HAND_H
#define MB_BATCH_BY_HAND_H

#include "batch/retry.h"

struct by_hand;

struct by_hand *by_hand_new(struct run_context *c, struct ending *ending, struct journal *journal,
                            struct flights *flights, struct retry *retry);
void by_hand_free(struct by_hand *h);

/* Where the options say so. A run whose socket can't be made goes on without, and says so. */
void by_hand_open(struct by_hand *h);
void by_hand_close(struct by_hand *h); /* who waits is told that it ends */
/* A run that only receives webhooks ends because a retry wants its ledger. */
bool by_hand_made_way(const struct by_hand *h);

bool by_hand_holds(const struct by_hand *h); /* something waits for a commit to begin */
void by_hand_seal(struct by_hand *h);        /* it begins: what is held waits for this one */
void by_hand_reply(struct by_hand *h, bool durable);
int64_t by_hand_done(const struct by_hand *h); /* so many were taken and answered */

#endif
