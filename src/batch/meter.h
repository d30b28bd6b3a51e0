/* meter.h - what a batch has done since the process began, for whoever measures it (src/monitor). It outlives the runs that
 * count into it: batch_options.meter. What is kept in the ledger anyway (documents by state, credits) isn't in here.
 *
 * Every function takes NULL: nobody measures. */
#ifndef MB_BATCH_METER_H
#define MB_BATCH_METER_H

#include "base/histogram.h"
#include "core/document.h"
#include "ledger/file_book.h"
#include "mindee.h"
#include "webhook/webhook_receiver.h"

enum meter_request { METER_SUBMIT, METER_POLL, METER_FETCH, METER_MODELS, METER_REQUESTS };
enum meter_outcome {
    METER_2XX,
    METER_4XX,
    METER_429,
    METER_5XX,
    METER_NOT_SENT, /* it never was complete */
    METER_IN_DOUBT, /* an upload that was, and no answer came */
    METER_BROKEN,   /* no answer, or one that isn't what was asked for */
    METER_OUTCOMES
};

extern const char *const meter_request_names[METER_REQUESTS]; /* "submit", ... */
extern const char *const meter_outcome_names[METER_OUTCOMES]; /* "2xx", ... */

struct batch_meter {
    int64_t steps[EV_COUNT]; /* of documents */
    int64_t requests[METER_REQUESTS][METER_OUTCOMES];
    struct histogram request_times[METER_REQUESTS];
    int64_t upload_bytes;       /* of files, as far as they went out */
    struct histogram job_times; /* by Mindee's own clock */
    struct histogram delays;    /* from a job's end to the poll that told us, by both clocks */
    struct histogram commits;
    int64_t commits_failed;
    int64_t files[PUT_UNCHANGED + 1]; /* that walks brought, by enum ledger_put */
    int64_t orphans;                  /* webhooks kept that matched nothing */
    /* Of receivers of the runs' own that were closed. */
    bool had_webhooks;
    struct webhook_receiver_counts webhooks;
};

void meter_step(struct batch_meter *m, enum doc_event_kind kind);
/* USABLE: the answer is what was asked for; of a fetch alone. */
void meter_answer(struct batch_meter *m, enum meter_request kind, const struct mindee_response *r,
                  int64_t took_ms, bool usable);
/* A job that was found done NOW; times as Mindee writes them. */
void meter_job(struct batch_meter *m, struct wall created, struct wall completed, struct wall now);
/* What a file was that a walk brought. */
void meter_file(struct batch_meter *m, enum ledger_put put);
void meter_orphan(struct batch_meter *m);
/* A receiver of the run's own is closed. */
void meter_webhooks(struct batch_meter *m, const struct webhook_receiver_counts *c);
void meter_commit(struct batch_meter *m, int64_t took_ms, bool fine);

#endif
