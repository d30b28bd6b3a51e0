/* review_work.h - a ledger and its review.db, open for the commands that review.
 *
 *   code = review_work_open(&w, cl->config, &upto_date)     0, or the exit code after telling what is wrong
 *   w.review ...
 *   review_work_close(&w) */
#ifndef MB_CLI_REVIEW_WORK_H
#define MB_CLI_REVIEW_WORK_H

#include "batch/batch.h"
#include "cli/review_setup.h"
#include "review/review.h"

struct review_work {
    struct batch_options batch;
    struct ledger *ledger;
    struct roles *roles;
    struct check_options checks;
    struct facts_options options;
    struct review *review; /* up to date */
    int64_t upto;
};

MUST_CHECK int review_work_open(struct review_work *w, struct config *c);
void review_work_close(struct review_work *w);

/* Who does it: BY, else the user of the operating system. Into OUT. */
enum { ACTOR_MAX = 256, NOTE_MAX = 1000 };
MUST_CHECK int review_by_read(struct review_by *out, char actor[ACTOR_MAX], const char *by,
                              const char *note);

/* The records that a person means by a _RECORD or by the PATH of a file: 0, or the exit code after telling that there
 * are none. Their ids are added to IDS. */
MUST_CHECK int review_records_meant(struct review_work *w, const char *word, struct fact_ids *ids);
bool is_record_key(const char *word);

#endif
