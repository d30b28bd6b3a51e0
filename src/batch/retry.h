/* retry.h - mindee-batch retry: documents that ended otherwise than stored get another chance.
 * Selected from the ledger before anything else happens (retry_select.h), and taken up a few at a
 * time; what was rejected is examined anew, as if it had just been found. Those of other settings than the run's are
 * left to a run of theirs. What was dismissed is taken up again where
 * its PATH is named, and only there: then it isn't dismissed any more. */
#ifndef MB_BATCH_RETRY_H
#define MB_BATCH_RETRY_H

#include "batch/find.h"

struct retry;

struct retry *retry_new(struct run_context *c, struct ending *ending, struct journal *journal,
                        struct flights *flights, struct find *find);
void retry_free(struct retry *r);

/* What a person asks of a run at work, of whatever settings; those of others wait for a run of theirs.
 * TAKEN is called once, at once or when the files that WHAT names were looked at, unless the run has
 * ended: with 0, and it is noted, or with an exit code and why ("": the run ends), and nothing is. */
typedef void retry_taken_fn(void *ctx, void *who, int code, const char *words);
void retry_ask(struct retry *r, const struct batch_retry *what, retry_taken_fn *taken, void *ctx,
               void *who);
/* Files of what was asked so are still to be read. */
bool retry_looks(const struct retry *r);

/* Selects what options.retrying says; a run that retries nothing isn't started. */
void retry_start(struct retry *r);
void retry_turn(struct retry *r, struct mono now);
struct mono retry_next(const struct retry *r, struct mono now);
bool retry_busy(const struct retry *r); /* more are to be taken up */

#endif
