/* batch.h - one run over a batch: everything between a list of paths and a result for each document.
 *
 *   batch_options_read(&options, config, paths, n, &e);   options.h
 *   batch_new(&b, loop, &options, &e);    opens the output directory, the ledger, the limiter's
 *                                         memory, the client
 *   batch_start(b, ended, ctx);           works on the loop; ENDED comes once, when all is
 *                                         committed and closed
 *   batch_stop(b, BATCH_DRAIN);           stop admitting, finish what is on the wire; again with
 *                                         BATCH_NOW: at once
 *   batch_free(b);                        after ENDED, or after a batch_new that wasn't started
 *
 * Nothing waits for the end: results appear in results/ as they are stored. Whatever interrupts it,
 * the same command goes on where it was. */
#ifndef MB_BATCH_BATCH_H
#define MB_BATCH_BATCH_H

#include "batch/exit_code.h"
#include "batch/hearing.h"
#include "batch/options.h"
#include "batch/pause.h"
#include "batch/progress.h"
#include "batch/snapshot.h"

struct batch;

/* ERR_PASSING: a directory can't be reached for a reason that passes; to be tried again. */
MUST_CHECK int batch_new(struct batch **out, struct loop *loop, const struct batch_options *options,
                         struct error *e);
/* COMMITTED(ctx, results) after each commit, from within the turn: RESULTS new results are durable
 * (fewer, if some were known already). It may read the ledger, and write to it what the next commit
 * shall take along. Before batch_start. */
void batch_on_commit(struct batch *b, void (*committed)(void *ctx, int64_t results), void *ctx);
/* TOLD when Mindee isn't heard, and when it is again (hearing.h). Before batch_start. */
void batch_on_hearing(struct batch *b, void (*told)(void *ctx, const struct hearing_news *news),
                      void *ctx);
void batch_start(struct batch *b, void (*ended)(void *ctx), void *ctx);

/* From the start to the end, which may be a little before ENDED: webhooks that come then are for
 * this run to take. */
bool batch_takes_webhooks(const struct batch *b);

/* The file of the certificate that webhooks are taken with, and when that ENDS; NULL: there is none. */
const char *batch_certificate(const struct batch *b, struct wall *ends);

/* Where its webhooks arrive; NULL: nowhere, or not any more. */
struct webhook_router *batch_webhook_router(const struct batch *b);

enum batch_stop { BATCH_DRAIN, BATCH_NOW };
void batch_stop(struct batch *b, enum batch_stop how);

/* After ENDED: the exit code, and why it ended early: one sentence with the way out, "" if it ran
 * to its end. */
int batch_exit_code(const struct batch *b);
const char *batch_reason(const struct batch *b);
/* It only received, and ended because somebody wants its ledger. */
bool batch_made_way(const struct batch *b);
/* So many dismissals and retries were taken while it works. */
int64_t batch_by_hand(const struct batch *b);
/* Why, where a budget is the reason; of one that stays also while it is on: nothing is sent any more. */
const char *batch_budget_reason(const struct batch *b);
struct ledger *batch_ledger(struct batch *b);
void batch_progress(struct batch *b, struct batch_progress *p);
/* For whoever measures: no query. */
void batch_snapshot(struct batch *b, struct batch_snapshot *out);
void batch_free(struct batch *b);

#endif
